//! The project's file, found and read (docs/architecture.md, "A read"). Linux and macOS; elsewhere,
//! and wherever something is not as plain as can be, the answer is null, and the TypeScript store
//! says what it is.

const builtin = @import("builtin");
const std = @import("std");

const file_name = "bunfig.lockb";
const depth_max = 64;
pub const path_size_max = 4096;

const posix = std.posix;
const system = posix.system;

pub const Found = struct {
    /// Absolute, without symbolic links.
    path: []const u8,
    bytes: []const u8,
};

/// Memory for a path and a file. The caller's, because memory of our own would be filled first, as
/// ReleaseSafe does, and each page of it costs a fault.
pub const Room = struct {
    path: *[path_size_max]u8,
    bytes: []u8,
};

/// Reads the file `named`, or where that is empty the nearest `bunfig.lockb` from the folder `cwd`
/// upwards.
pub fn read(cwd: []const u8, named: []const u8, room: Room) ?Found {
    if (builtin.os.tag == .windows or !isPlainPath(cwd)) return null;
    if (named.len > 0) {
        if (!isPlainPath(named)) return null;
        return readAt(named, "", room);
    }
    var folder = if (cwd.len == 1) "" else cwd;
    for (0..depth_max) |_| {
        if (readAt(folder, "/" ++ file_name, room)) |found| return found;
        if (!isMissing(folder, "/" ++ file_name, room)) return null;
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

fn readAt(folder: []const u8, name: []const u8, room: Room) ?Found {
    const path = join(folder, name, room) orelse return null;
    const flags: posix.O = .{ .ACCMODE = .RDONLY, .NONBLOCK = true, .CLOEXEC = true };
    const opened = system.open(path, flags, @as(posix.mode_t, 0));
    if (posix.errno(opened) != .SUCCESS) return null;
    const descriptor: posix.fd_t = @intCast(opened);
    defer _ = system.close(descriptor);
    const size = readAll(descriptor, room.bytes) orelse return null;
    if (!isReal(path)) return null;
    return .{ .path = path, .bytes = room.bytes[0..size] };
}

/// Null for a file that does not fit, and when the system refuses.
fn readAll(descriptor: posix.fd_t, bytes: []u8) ?usize {
    var size: usize = 0;
    while (size < bytes.len) {
        const count = system.read(descriptor, bytes[size..].ptr, bytes.len - size);
        if (posix.errno(count) != .SUCCESS) return null;
        if (count == 0) return size;
        size += @intCast(count);
    }
    return null;
}

/// True when nothing has this name, not even a link that leads nowhere.
fn isMissing(folder: []const u8, name: []const u8, room: Room) bool {
    const path = join(folder, name, room) orelse return false;
    return linkState(path) == .NOENT;
}

/// True when no part of the path is a symbolic link.
fn isReal(path: [:0]u8) bool {
    for (path[1..], 1..) |byte, index| {
        if (byte != '/') continue;
        path[index] = 0;
        defer path[index] = '/';
        if (linkState(path[0..index :0]) != .INVAL) return false;
    }
    return linkState(path) == .INVAL;
}

/// `INVAL` for what is there and no symbolic link, `SUCCESS` for a link.
fn linkState(path: [:0]const u8) posix.E {
    var target: [1]u8 = undefined;
    return posix.errno(system.readlink(path, &target, target.len));
}

fn join(folder: []const u8, name: []const u8, room: Room) ?[:0]u8 {
    const length = folder.len + name.len;
    if (length >= room.path.len) return null;
    @memcpy(room.path[0..folder.len], folder);
    @memcpy(room.path[folder.len..length], name);
    room.path[length] = 0;
    if (std.mem.indexOfScalar(u8, room.path[0..length], 0) != null) return null;
    return room.path[0..length :0];
}

test "which paths are plain" {
    for ([_][]const u8{ "/", "/a", "/a/.b/..c" }) |path| try std.testing.expect(isPlainPath(path));
    const others = [_][]const u8{ "", "a", "/a/", "/a//b", "/a/./b", "/..", "/a\u{fffd}" };
    for (others) |path| try std.testing.expect(!isPlainPath(path));
}
