//! The variables of an environment that have a say about a record.

const std = @import("std");
const layout = @import("../format/generated/layout.zig");

const deciding_count = layout.deciding_variables.len;

pub const names = layout.deciding_variables ++ [_][:0]const u8{"HOME"};

/// `NAME=value` of each of `names` that is set.
pub const Variables = struct {
    entries: [names.len]?[]const u8 = @splat(null),

    /// Null for one that is not set.
    pub fn get(variables: *const Variables, comptime name: []const u8) ?[]const u8 {
        const index = comptime for (names, 0..) |each, index| {
            if (std.mem.eql(u8, each, name)) break index;
        } else @compileError("not read: " ++ name);
        return (variables.entries[index] orelse return null)[name.len + 1 ..];
    }

    /// Those that a `.env` file of a project must not set (src/runtime/deciding_variables.ts).
    pub fn deciding(variables: *const Variables) []const ?[]const u8 {
        return variables.entries[0..deciding_count];
    }
};

test "a variable that is empty is set" {
    const variables: Variables = .{ .entries = .{"IMMUCONFIG_PIN="} ++ .{null} ** (names.len - 1) };
    try std.testing.expectEqualStrings("", variables.get("IMMUCONFIG_PIN").?);
    try std.testing.expectEqual(null, variables.get("HOME"));
}
