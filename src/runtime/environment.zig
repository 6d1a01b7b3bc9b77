//! What this process was started with: without what a runtime added from `.env` files of a project
//! (src/base/start_environment.ts).

const builtin = @import("builtin");
const std = @import("std");
const store_read = @import("../store/read.zig");

const linux = std.os.linux;

const prefixes = [_][]const u8{ "IMMUCONFIG_", "XDG_" };

/// The files that Bun adds to the environment.
const env_files = [_][]const u8{
    "/.env",             "/.env.local",
    "/.env.development", "/.env.development.local",
    "/.env.production",  "/.env.production.local",
    "/.env.test",        "/.env.test.local",
};

/// Whether all variables were there at the start, as Linux tells, and no file of the working folder
/// could have brought them. False also where that cannot be said.
///
/// `entries` are `NAME=value`, or null for one that is not set.
pub fn isFromStart(entries: []const ?[]const u8, cwd: []const u8, room: store_read.Room) bool {
    for (entries) |entry| {
        if (entry != null) break;
    } else return true;
    if (builtin.os.tag == .linux and !(hasAll(entries) orelse false)) return false;
    // `bun run` hands what is in a file on to what it starts.
    return areSilent(cwd, room);
}

/// Whether no file says anything of such a variable.
fn areSilent(cwd: []const u8, room: store_read.Room) bool {
    const folder = if (cwd.len == 1) "" else cwd;
    for (env_files) |name| {
        if (store_read.isMissing(folder, name, room)) continue;
        const found = store_read.readAt(folder, name, room) orelse return false;
        for (prefixes) |prefix| if (std.mem.indexOf(u8, found.bytes, prefix) != null) return false;
    }
    return true;
}

fn hasAll(entries: []const ?[]const u8) ?bool {
    const opened = linux.open("/proc/self/environ", .{ .ACCMODE = .RDONLY, .CLOEXEC = true }, 0);
    if (linux.errno(opened) != .SUCCESS) return null;
    const descriptor: i32 = @intCast(opened);
    defer _ = linux.close(descriptor);
    for (entries) |set| {
        const entry = set orelse continue;
        if (linux.errno(linux.lseek(descriptor, 0, linux.SEEK.SET)) != .SUCCESS) return null;
        if (!(has(descriptor, entry) orelse return null)) return false;
    }
    return true;
}

fn has(descriptor: i32, wanted: []const u8) ?bool {
    var search: Search = .{ .wanted = wanted };
    var buffer: [4096]u8 = undefined;
    while (true) {
        const size = linux.read(descriptor, &buffer, buffer.len);
        if (linux.errno(size) != .SUCCESS) return null;
        if (size == 0) return false;
        if (search.findIn(buffer[0..size])) return true;
    }
}

/// Looks for one entry among those that come in pieces.
const Search = struct {
    wanted: []const u8,
    /// Bytes of `wanted` that the entry at hand begins with; null when it is another one.
    matched: ?usize = 0,

    fn findIn(search: *Search, bytes: []const u8) bool {
        for (bytes) |byte| {
            if (byte == 0) {
                if (search.matched == search.wanted.len) return true;
                search.matched = 0;
            } else if (search.matched) |count| {
                const is_next = count < search.wanted.len and search.wanted[count] == byte;
                search.matched = if (is_next) count + 1 else null;
            }
        }
        return false;
    }
};

test "an entry is found whole, in any pieces" {
    const all = "A=1\x00AB=22\x00B=\x00";
    for ([_][]const u8{ "A=1", "AB=22", "B=" }) |wanted| {
        for (0..all.len) |cut| {
            var search: Search = .{ .wanted = wanted };
            const found = search.findIn(all[0..cut]) or search.findIn(all[cut..]);
            try std.testing.expect(found);
        }
    }
    for ([_][]const u8{ "A=", "A=11", "AB=2", "=1", "B=1", "C=" }) |wanted| {
        var search: Search = .{ .wanted = wanted };
        try std.testing.expect(!search.findIn(all));
    }
}
