//! The project's file, found (docs/architecture.md, "A read"). Null where this reader cannot say: the
//! TypeScript store then does.

const builtin = @import("builtin");
const std = @import("std");
const layout = @import("../format/generated/layout.zig");
const store_read = @import("read.zig");
const Found = store_read.Found;
const Room = store_read.Room;

/// Where a file is looked for.
pub const Request = struct {
    /// The working folder.
    cwd: []const u8,
    /// The program's own folder; empty for none.
    program: []const u8,
    /// The file to read, absolute; empty for the nearest one.
    named: []const u8,
    /// `NAME=value` of each variable that is set and has a say, which must be those of the process's
    /// start (src/runtime/deciding_variables.ts); empty where that is known.
    variables: []const ?[]const u8,
};

/// Reads the file that is named, or else the nearest configuration file: from the program's folder
/// upwards, and then from the working folder.
pub fn read(request: Request, room: Room) ?Found {
    if (builtin.os.tag == .windows or !isPlainPath(request.cwd)) return null;
    if (request.named.len > 0) {
        if (!isPlainPath(request.named)) return null;
        return store_read.readAt(request.named, "", room);
    }
    if (request.program.len > 0) {
        if (!isPlainPath(request.program)) return null;
        switch (readNearest(request.program, room)) {
            .found => |found| return found,
            .unsure => return null,
            .missing => {},
        }
    }
    return switch (readNearest(request.cwd, room)) {
        .found => |found| found,
        .unsure, .missing => null,
    };
}

const Nearest = union(enum) { found: Found, missing, unsure };

fn readNearest(start: []const u8, room: Room) Nearest {
    var folder = if (start.len == 1) "" else start;
    for (0..layout.find_depth_max) |_| {
        if (store_read.readAt(folder, "/" ++ layout.file_name, room)) |found| return .{ .found = found };
        if (!store_read.isMissing(folder, "/" ++ layout.file_name, room)) return .unsure;
        const parent = std.mem.lastIndexOfScalar(u8, folder, '/') orelse return .missing;
        folder = folder[0..parent];
    }
    return .missing;
}

/// Absolute, with no `.`, `..` or empty part, and well-formed: JavaScript puts U+FFFD in the place
/// of bytes that are not UTF-8, and such a path is another one.
fn isPlainPath(path: []const u8) bool {
    if (path.len == 0 or path[0] != '/') return false;
    if (path.len == 1) return true;
    if (std.mem.indexOf(u8, path, "\u{fffd}") != null) return false;
    var parts = std.mem.splitScalar(u8, path[1..], '/');
    while (parts.next()) |part| {
        if (part.len == 0 or std.mem.eql(u8, part, ".") or std.mem.eql(u8, part, "..")) return false;
    }
    return true;
}

test "which paths are plain" {
    for ([_][]const u8{ "/", "/a", "/a/.b/..c" }) |path| try std.testing.expect(isPlainPath(path));
    const others = [_][]const u8{ "", "a", "/a/", "/a//b", "/a/./b", "/..", "/a\u{fffd}" };
    for (others) |path| try std.testing.expect(!isPlainPath(path));
}
