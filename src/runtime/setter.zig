//! Which process sets a pin: its number, and when it was started. The twin is src/runtime/setter.ts.

const builtin = @import("builtin");
const std = @import("std");

const linux = std.os.linux;

/// Decimal digits of two numbers, and a dot.
pub const size_max = 32;
/// Fields between the end of the name and the time of the start (proc(5)).
const fields_before_start = 19;

/// This process as `NUMBER.START`. Null where the system does not tell.
pub fn own(room: *[size_max]u8) ?[]const u8 {
    if (builtin.os.tag != .linux) return null;
    var buffer: [1024]u8 = undefined;
    const opened = linux.open("/proc/self/stat", .{ .ACCMODE = .RDONLY, .CLOEXEC = true }, 0);
    if (linux.errno(opened) != .SUCCESS) return null;
    const descriptor: i32 = @intCast(opened);
    defer _ = linux.close(descriptor);
    const size = linux.read(descriptor, &buffer, buffer.len);
    if (linux.errno(size) != .SUCCESS) return null;
    return format(buffer[0..size], room);
}

fn format(stat: []const u8, room: *[size_max]u8) ?[]const u8 {
    const number = stat[0 .. std.mem.indexOfScalar(u8, stat, ' ') orelse return null];
    // The name is in brackets and may hold anything.
    const name_end = std.mem.lastIndexOfScalar(u8, stat, ')') orelse return null;
    var fields = std.mem.tokenizeScalar(u8, stat[name_end + 1 ..], ' ');
    for (0..fields_before_start) |_| _ = fields.next() orelse return null;
    return std.fmt.bufPrint(room, "{s}.{s}", .{ number, fields.next() orelse return null }) catch null;
}

test "a process's number and start" {
    var room: [size_max]u8 = undefined;
    const stat = "42 (a) b) S 7 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 1234 21 22";
    try std.testing.expectEqualStrings("42.1234", format(stat, &room).?);
    try std.testing.expectEqual(null, format("42 (a) S 7", &room));
    try std.testing.expectEqual(null, format("", &room));
}
