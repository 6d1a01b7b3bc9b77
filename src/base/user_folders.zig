//! The user's own folders for immuconfig on Linux and macOS. The twin is src/base/user_folders.ts.

const std = @import("std");

/// The file of whom the user trusts: absolute, in memory of the caller's; empty for a user without a
/// home. Null when the memory is full.
///
/// `config` and `home` are the values of `XDG_CONFIG_HOME` and `HOME`.
pub fn trustPath(config: ?[]const u8, home: ?[]const u8, memory: std.mem.Allocator) ?[]const u8 {
    if (absolute(config)) |folder| return join(memory, folder, "/immuconfig/trust.json");
    if (absolute(home)) |folder| return join(memory, folder, "/.config/immuconfig/trust.json");
    return "";
}

/// The specification of XDG says that a relative path is to be ignored.
fn absolute(path: ?[]const u8) ?[]const u8 {
    return if (std.mem.startsWith(u8, path orelse "", "/")) path else null;
}

fn join(memory: std.mem.Allocator, folder: []const u8, name: []const u8) ?[]const u8 {
    return std.mem.concat(memory, u8, &.{ folder, name }) catch null;
}

test "where trust is kept" {
    var room: [128]u8 = undefined;
    const Case = struct { ?[]const u8, ?[]const u8, []const u8 };
    for ([_]Case{
        .{ null, null, "" },
        .{ "relative", null, "" },
        .{ null, "", "" },
        .{ null, "/home/a", "/home/a/.config/immuconfig/trust.json" },
        .{ "relative", "/home/a", "/home/a/.config/immuconfig/trust.json" },
        .{ "/conf", "/home/a", "/conf/immuconfig/trust.json" },
    }) |case| {
        var memory: std.heap.FixedBufferAllocator = .init(&room);
        const path = trustPath(case[0], case[1], memory.allocator());
        try std.testing.expectEqualStrings(case[2], path.?);
    }
    var memory: std.heap.FixedBufferAllocator = .init(room[0..8]);
    try std.testing.expectEqual(null, trustPath("/conf", null, memory.allocator()));
}
