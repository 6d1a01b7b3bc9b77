//! The project's file, found (docs/architecture.md, "A read"). Null where this reader cannot say: the
//! TypeScript store then does.

const builtin = @import("builtin");
const std = @import("std");
const layout = @import("../format/generated/layout.zig");
const store_read = @import("read.zig");
const Found = store_read.Found;
const Room = store_read.Room;

/// Reads the file `named`, or where that is empty the nearest configuration file from the folder `cwd`
/// upwards.
pub fn read(cwd: []const u8, named: []const u8, room: Room) ?Found {
    if (builtin.os.tag == .windows or !isPlainPath(cwd)) return null;
    if (named.len > 0) {
        if (!isPlainPath(named)) return null;
        return store_read.readAt(named, "", room);
    }
    var folder = if (cwd.len == 1) "" else cwd;
    for (0..layout.find_depth_max) |_| {
        if (store_read.readAt(folder, "/" ++ layout.file_name, room)) |found| return found;
        if (!store_read.isMissing(folder, "/" ++ layout.file_name, room)) return null;
        const parent = std.mem.lastIndexOfScalar(u8, folder, '/') orelse return null;
        folder = folder[0..parent];
    }
    return null;
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
