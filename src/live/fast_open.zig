//! The first look of a program that has just started: its record, and the live segment of its
//! project, in one call, as src/live/fast_open.ts takes it. Linux; elsewhere, and wherever
//! anything is not plain, the answer is null, and the TypeScript reader says what it is.
//!
//! The rules are those of src/live/place.ts: whose folder and segment may be believed, and what
//! the segment of a file is called. A test compares them.

const builtin = @import("builtin");
const std = @import("std");
const fast_read = @import("../runtime/fast_read.zig");
const find = @import("../store/find.zig");
const layout = @import("../format/generated/layout.zig");
const mapping = @import("mapping.zig");
const store_read = @import("../store/read.zig");

const linux = std.os.linux;
const Sha256 = std.crypto.hash.sha2.Sha256;
const Writer = std.Io.Writer;

pub const Request = struct {
    find: find.Request,
    /// The folder of the user's segments, absolute.
    folder: []const u8,
    /// As in src/runtime/fast_read.zig.
    trust: []const u8,
};

const half_length = layout.live_half_length;
const suffix = layout.live_suffix;
const boot_id_path = "/proc/sys/kernel/random/boot_id";
const Identity = [32]u8;

/// Writes `{"loaded": …, "identity": …, "segment": …, "descriptor": …}` to the start of `out` and
/// returns it; the rest of `out` is room. The descriptor is that of the open segment, for the
/// caller to close.
pub fn write(request: Request, out: []u8) ?[]const u8 {
    if (builtin.os.tag != .linux or out.len < 2 * text_size_max + store_read.path_size_max) return null;
    const text = out[0..text_size_max];
    const room = out[text_size_max..];

    var path_room: [store_read.path_size_max:0]u8 = undefined;
    const path = findPath(request, room, &path_room) orelse return null;
    const before = identityOf(path) orelse return null;
    const again: find.Request = .{
        .cwd = request.find.cwd,
        .program = "",
        .named = path,
        .variables = request.find.variables,
    };
    const loaded = fast_read.write(.{
        .find = again,
        .pin = "off",
        .setters = "",
        .trust = request.trust,
    }, room) orelse return null;
    const after = identityOf(path) orelse return null;
    if (!std.mem.eql(u8, &before, &after)) return null;

    var name_room: [2 * half_length + 1 + suffix.len:0]u8 = undefined;
    const name = nameOf(path, &name_room) orelse return null;
    const descriptor = openSegment(request.folder, name) orelse return null;
    var writer: Writer = .fixed(text);
    writer.print("{{\"loaded\":{s},\"identity\":\"{x}\",\"segment\":\"{s}\",\"descriptor\":{d}}}", .{
        loaded, &after, name, descriptor,
    }) catch {
        _ = linux.close(descriptor);
        return null;
    };
    return writer.buffered();
}

/// Bytes of the record's text, and of what is around it.
pub const text_size_max = fast_read.view_size_max + 4 * 1024;

fn findPath(
    request: Request,
    room: []u8,
    path_room: *[store_read.path_size_max:0]u8,
) ?[:0]const u8 {
    const found = find.read(request.find, .{
        .path = room[0..store_read.path_size_max],
        .bytes = room[store_read.path_size_max..],
    }) orelse return null;
    if (found.path.len >= path_room.len) return null;
    @memcpy(path_room[0..found.path.len], found.path);
    path_room[found.path.len] = 0;
    return path_room[0..found.path.len :0];
}

/// Device, inode, time of change and size, as `fileIdentity` of src/live/record.ts has them.
fn identityOf(path: [:0]const u8) ?Identity {
    const stat = statOf(linux.AT.FDCWD, path, 0) orelse return null;
    const seconds: u64 = @bitCast(stat.ctime.sec);
    const words = [4]u64{
        deviceOf(&stat),
        stat.ino,
        seconds *% std.time.ns_per_s +% stat.ctime.nsec,
        stat.size,
    };
    return @bitCast(words);
}

/// A device's number in one word, as stat(2) gives it.
fn deviceOf(stat: *const linux.Statx) u64 {
    const major: u64 = stat.dev_major;
    const minor: u64 = stat.dev_minor;
    return (major & 0xfff) << 8 | (minor & 0xff) | (minor & ~@as(u64, 0xff)) << 12 |
        (major & ~@as(u64, 0xfff)) << 32;
}

fn nameOf(path: [:0]const u8, room: *[2 * half_length + 1 + suffix.len:0]u8) ?[:0]const u8 {
    const slash = std.mem.lastIndexOfScalar(u8, path, '/') orelse return null;
    var boot_room: [64]u8 = undefined;
    const boot = readBootId(&boot_room) orelse return null;
    var folder_room: [store_read.path_size_max:0]u8 = undefined;
    const folder_length = @max(slash, 1);
    @memcpy(folder_room[0..folder_length], path[0..folder_length]);
    folder_room[folder_length] = 0;
    const folder = statOf(linux.AT.FDCWD, folder_room[0..folder_length :0], 0) orelse return null;

    var numbers_room: [64]u8 = undefined;
    const numbers = std.fmt.bufPrint(&numbers_room, "{d}:{d}", .{ deviceOf(&folder), folder.ino }) catch
        return null;
    const place = halfOf(&.{ path, boot });
    const project = halfOf(&.{ numbers, path[slash + 1 ..] });
    const text = std.fmt.bufPrint(room, "{s}-{s}" ++ suffix, .{ &place, &project }) catch return null;
    room[text.len] = 0;
    return room[0..text.len :0];
}

/// The start of the SHA-256 of some texts, each with a zero byte behind it.
fn halfOf(texts: []const []const u8) [half_length]u8 {
    var hash: Sha256 = .init(.{});
    for (texts) |text| {
        hash.update(text);
        hash.update(&.{0});
    }
    const digest = hash.finalResult();
    return std.fmt.bytesToHex(digest[0 .. half_length / 2].*, .lower);
}

fn readBootId(room: []u8) ?[]const u8 {
    const opened = linux.open(boot_id_path, .{ .ACCMODE = .RDONLY, .CLOEXEC = true }, 0);
    if (linux.errno(opened) != .SUCCESS) return null;
    const descriptor: i32 = @intCast(opened);
    defer _ = linux.close(descriptor);
    const size = linux.read(descriptor, room.ptr, room.len);
    if (linux.errno(size) != .SUCCESS) return null;
    return std.mem.trimEnd(u8, room[0..size], "\n");
}

/// Null for a folder or a segment that is missing, or that another user could have changed.
fn openSegment(folder: []const u8, name: [:0]const u8) ?i32 {
    var room: [store_read.path_size_max:0]u8 = undefined;
    if (folder.len == 0 or folder[0] != '/' or folder.len >= room.len) return null;
    if (std.mem.indexOfScalar(u8, folder, 0) != null) return null;
    @memcpy(room[0..folder.len], folder);
    room[folder.len] = 0;
    const folder_descriptor = openOwn(linux.AT.FDCWD, room[0..folder.len :0], .{
        .ACCMODE = .RDONLY,
        .DIRECTORY = true,
        .NOFOLLOW = true,
        .CLOEXEC = true,
    }, linux.S.IFDIR) orelse return null;
    defer _ = linux.close(folder_descriptor.descriptor);
    const segment = openOwn(folder_descriptor.descriptor, name, .{
        .ACCMODE = .RDWR,
        .NOFOLLOW = true,
        .NONBLOCK = true,
        .CLOEXEC = true,
    }, linux.S.IFREG) orelse return null;
    if (segment.size == mapping.segment_size) return segment.descriptor;
    _ = linux.close(segment.descriptor);
    return null;
}

const Opened = struct { descriptor: i32, size: u64 };

fn openOwn(folder: i32, path: [:0]const u8, flags: linux.O, kind: u32) ?Opened {
    const opened = linux.openat(folder, path, flags, 0);
    if (linux.errno(opened) != .SUCCESS) return null;
    const descriptor: i32 = @intCast(opened);
    if (statOf(descriptor, "", linux.AT.EMPTY_PATH)) |stat| {
        const is_own = stat.mode & linux.S.IFMT == kind and stat.uid == linux.getuid() and
            stat.mode & layout.live_others_mode == 0;
        if (is_own) return .{ .descriptor = descriptor, .size = stat.size };
    }
    _ = linux.close(descriptor);
    return null;
}

fn statOf(folder: i32, path: [:0]const u8, flags: u32) ?linux.Statx {
    var stat: linux.Statx = undefined;
    const status = linux.statx(folder, path, flags, linux.STATX.BASIC_STATS, &stat);
    return if (linux.errno(status) == .SUCCESS) stat else null;
}
