//! A file read into memory of the caller's (docs/architecture.md, "A read"). Linux and macOS. Null
//! wherever something is not as plain as can be: the TypeScript store then says what it is.

const builtin = @import("builtin");
const std = @import("std");

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

/// Reads the file `name` of a folder. The name begins with `/`, or the folder is the whole path.
pub fn readAt(folder: []const u8, name: []const u8, room: Room) ?Found {
    const path = join(folder, name, room) orelse return null;
    const flags: posix.O = .{ .ACCMODE = .RDONLY, .NONBLOCK = true, .CLOEXEC = true };
    const opened = system.open(path, flags, @as(posix.mode_t, 0));
    if (posix.errno(opened) != .SUCCESS) return null;
    const descriptor: posix.fd_t = @intCast(opened);
    defer _ = system.close(descriptor);
    if (!isOwnFile(descriptor)) return null;
    const size = readAll(descriptor, room.bytes) orelse return null;
    if (!isReal(path)) return null;
    return .{ .path = path, .bytes = room.bytes[0..size] };
}

/// A regular file of this user or of root; of another's, src/base/owner.ts says whether it counts.
fn isOwnFile(descriptor: posix.fd_t) bool {
    if (builtin.os.tag == .linux) {
        const linux = std.os.linux;
        var stat: linux.Statx = undefined;
        const status = linux.statx(descriptor, "", linux.AT.EMPTY_PATH, linux.STATX.BASIC_STATS, &stat);
        if (linux.errno(status) != .SUCCESS) return false;
        return linux.S.ISREG(stat.mode) and (stat.uid == linux.geteuid() or stat.uid == 0);
    }
    var stat: std.c.Stat = undefined;
    if (std.c.fstat(descriptor, &stat) != 0) return false;
    return std.c.S.ISREG(stat.mode) and (stat.uid == std.c.geteuid() or stat.uid == 0);
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
pub fn isMissing(folder: []const u8, name: []const u8, room: Room) bool {
    const path = join(folder, name, room) orelse return false;
    return linkState(path) == .NOENT;
}

/// The system's file of trusted keys (src/trust/trust_store.ts).
const system_trust = "/etc/immuconfig/trust.json";

/// True when nobody on this machine trusts keys: then an unsigned file may be believed.
///
/// `user_trust` is the user's file of trusted keys, absolute; empty for a user without a home.
pub fn trustsNobody(user_trust: []const u8, room: Room) bool {
    return isNowhere(system_trust, room) and (user_trust.len == 0 or isNowhere(user_trust, room));
}

/// True when nothing can have this path: it is missing, or something above it is no folder.
fn isNowhere(path: []const u8, room: Room) bool {
    const state = linkState(join("", path, room) orelse return false);
    return state == .NOENT or state == .NOTDIR;
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
