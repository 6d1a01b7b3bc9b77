//! From what a program knows when it starts to what it reads: the steps that JavaScript would run for
//! the first time are taken here. Null where this reader cannot say.

const std = @import("std");
const bun_version = @import("../base/bun_version.zig");
const fast_read = @import("fast_read.zig");
const layout = @import("../format/generated/layout.zig");
const program = @import("program.zig");
const user_folders = @import("../base/user_folders.zig");
const Variables = @import("variables.zig").Variables;

/// `ViewRequest` of src/native/addon.ts.
pub const Start = struct {
    cwd: []const u8,
    /// Empty where there is none.
    main: []const u8,
    file: ?[]const u8,
    version: ?[]const u8,
    is_own: bool,
    variables: Variables,
};

/// With `memory` for what is put together.
pub fn of(start: *const Start, memory: std.mem.Allocator) ?fast_read.Request {
    const variables = &start.variables;
    if (start.version) |version| if (!bun_version.isAtLeast(version, layout.bun_minimum)) return null;
    // They say whom to trust, and what that takes is not here.
    if (variables.get("IMMUCONFIG_TRUSTED_KEYS") != null) return null;
    if (variables.get("IMMUCONFIG_TRUST") != null) return null;
    const config = variables.get("XDG_CONFIG_HOME");
    return .{
        .find = .{
            .cwd = start.cwd,
            .program = program.folderOf(start.main, start.cwd) orelse return null,
            .named = namedFile(start, memory) orelse return null,
            .variables = if (start.is_own) variables.deciding() else &.{},
        },
        .pin = variables.get("IMMUCONFIG_PIN") orelse "",
        .setters = variables.get("IMMUCONFIG_PIN_SETTERS") orelse "",
        .trust = user_folders.trustPath(config, variables.get("HOME"), memory) orelse return null,
    };
}

fn namedFile(start: *const Start, memory: std.mem.Allocator) ?[]const u8 {
    const file = start.file orelse start.variables.get("IMMUCONFIG_FILE") orelse "";
    if (file.len == 0 or file[0] == '/') return file;
    return std.mem.concat(memory, u8, &.{ start.cwd, "/", file }) catch null;
}
