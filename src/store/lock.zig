//! The kernel's locks for writers, as src/store/lock.ts takes them: it frees each when its holder ends.

const builtin = @import("builtin");
const std = @import("std");

const posix = std.posix;
const windows = std.os.windows;

/// Locks an open file, unless another open file of it is locked. Returns 0, or the system's number
/// for why not.
pub fn tryLock(descriptor: i32) u32 {
    const status = posix.system.flock(descriptor, posix.LOCK.EX | posix.LOCK.NB);
    return @intFromEnum(posix.errno(status));
}

/// What Windows answers: a handle, or the system's number for why not, below zero.
pub const Opened = i32;

/// Bytes of a path, with the zero behind it, in UTF-16 the same number of words at most.
pub const path_size_max = 32 * 1024;

/// Opens a file that nobody else has open, so that nobody else can open it: it goes away with its
/// handle. Windows has no lock of a file that another process could not hold in the wrong way.
///
/// `path` is absolute, in UTF-8 and without a zero.
pub fn openAlone(path: []const u8, room: *[path_size_max]u16) Opened {
    const length = std.unicode.wtf8ToWtf16Le(room[0 .. room.len - 1], path) catch return -invalid_name;
    room[length] = 0;
    const handle = CreateFileW(
        room[0..length :0],
        generic_read_write,
        0,
        null,
        open_always,
        temporary_until_closed,
        null,
    );
    // Handles have 32 significant bits, and the kernel gives small ones.
    if (handle != windows.INVALID_HANDLE_VALUE) return @intCast(@intFromPtr(handle));
    return -@as(Opened, @intCast(@intFromEnum(windows.GetLastError())));
}

/// Closes a handle of `openAlone`.
pub fn closeAlone(handle: u32) void {
    windows.CloseHandle(@ptrFromInt(handle));
}

const invalid_name = 123;
const generic_read_write = 0xc000_0000;
const open_always = 4;
/// FILE_ATTRIBUTE_TEMPORARY, FILE_FLAG_DELETE_ON_CLOSE, FILE_FLAG_OPEN_REPARSE_POINT.
const temporary_until_closed = 0x100 | 0x0400_0000 | 0x0020_0000;

extern "kernel32" fn CreateFileW(
    name: [*:0]const u16,
    access: u32,
    share: u32,
    security: ?*anyopaque,
    disposition: u32,
    flags: u32,
    template: ?windows.HANDLE,
) callconv(.winapi) windows.HANDLE;
