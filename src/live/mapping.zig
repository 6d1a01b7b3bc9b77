//! Mappings of live segments that survive the truncation of their file.
//!
//! Readers map them writable, although they never write: JavaScriptCore compiles `Atomics.load`
//! to an instruction that needs a writable page.
//!
//! A load from a mapped page that lies beyond the end of its file raises SIGBUS, which kills the
//! process: anyone who may write the segment could kill every reader with `truncate`. Here the
//! handler puts a page of zeros in the place of the lost one. The load then gives zero, the
//! reader finds no magic, and treats the segment as what it is: none of ours.
//!
//! Other bus errors go to the handler that was there before.

const std = @import("std");
const builtin = @import("builtin");
const layout = @import("../format/generated/layout.zig");

const posix = std.posix;
/// Bytes of a segment.
pub const segment_size = layout.live_segment_size;
const page_size_min = std.heap.page_size_min;
const protection: posix.PROT = .{ .READ = true, .WRITE = true };
/// Segments that one process maps at a time.
const mappings_max = 64;

/// Addresses of mapped segments; 0 is a free place.
var mappings: [mappings_max]std.atomic.Value(usize) = @splat(.init(0));
var previous: posix.Sigaction = undefined;
var installed: std.atomic.Value(bool) = .init(false);

/// Maps the segment in an open file of `segment_size` bytes. Null when the system refuses,
/// or when `mappings_max` are mapped.
pub fn map(fd: i32) ?*anyopaque {
    // A number that is no open file would stop the process in mmap of the standard library.
    if (posix.errno(posix.system.fcntl(fd, posix.F.GETFD, @as(usize, 0))) != .SUCCESS) return null;
    if (!installed.swap(true, .acq_rel)) install();
    const shared: posix.MAP = .{ .TYPE = .SHARED };
    const memory = posix.mmap(null, segment_size, protection, shared, fd, 0) catch return null;
    const address = @intFromPtr(memory.ptr);
    for (&mappings) |*place| {
        if (place.cmpxchgStrong(0, address, .acq_rel, .monotonic) == null) return memory.ptr;
    }
    posix.munmap(memory);
    return null;
}

/// Ends a mapping of `map`. Anything else is left alone.
pub fn unmap(pointer: *anyopaque) void {
    const address = @intFromPtr(pointer);
    for (&mappings) |*place| {
        // Before the address is free: whatever is mapped there next is not ours to fill with zeros.
        if (place.cmpxchgStrong(address, 0, .acq_rel, .monotonic) != null) continue;
        const memory: [*]align(page_size_min) const u8 = @ptrFromInt(address);
        posix.munmap(memory[0..segment_size]);
        return;
    }
}

fn install() void {
    const action: posix.Sigaction = .{
        .handler = .{ .sigaction = onBusError },
        .mask = posix.sigemptyset(),
        // On the alternate stack, where a thread has one: Bun gives its threads one.
        .flags = posix.SA.SIGINFO | posix.SA.ONSTACK,
    };
    posix.sigaction(.BUS, &action, &previous);
}

fn onBusError(
    signal: posix.SIG,
    info: *const posix.siginfo_t,
    context: ?*anyopaque,
) callconv(.c) void {
    const fault = addressOf(info);
    for (&mappings) |*place| {
        const start = place.load(.acquire);
        if (start == 0 or fault < start or fault - start >= segment_size) continue;
        if (replaceByZeros(start)) return;
    }
    forward(signal, info, context);
}

fn replaceByZeros(start: usize) bool {
    _ = posix.mmap(
        @ptrFromInt(start),
        segment_size,
        protection,
        .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .FIXED = true },
        -1,
        0,
    ) catch return false;
    return true;
}

fn forward(signal: posix.SIG, info: *const posix.siginfo_t, context: ?*anyopaque) void {
    if (previous.flags & posix.SA.SIGINFO != 0) {
        if (previous.handler.sigaction) |handle| return handle(signal, info, context);
    } else if (previous.handler.handler != posix.SIG.DFL and
        previous.handler.handler != posix.SIG.IGN)
    {
        if (previous.handler.handler) |handle| return handle(signal);
    }
    // The load is tried again, and the system's own answer to it ends the process.
    const default: posix.Sigaction = .{
        .handler = .{ .handler = posix.SIG.DFL },
        .mask = posix.sigemptyset(),
        .flags = 0,
    };
    posix.sigaction(signal, &default, null);
}

fn addressOf(info: *const posix.siginfo_t) usize {
    return @intFromPtr(switch (builtin.os.tag) {
        .linux => info.fields.sigfault.addr,
        else => info.addr,
    });
}

test "what is no open file is not mapped" {
    for ([_]i32{ -1, std.math.maxInt(i32) }) |fd| {
        try std.testing.expectEqual(null, map(fd));
    }
}

test "threads that map and unmap at the same time lose no place" {
    if (builtin.os.tag != .linux) return error.SkipZigTest;
    const fd = try posix.memfd_create("segment", 0);
    defer _ = posix.system.close(fd);
    try std.testing.expectEqual(0, posix.system.ftruncate(fd, segment_size));
    var threads: [4]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try .spawn(.{}, mapAndUnmap, .{fd});
    for (threads) |thread| thread.join();
    for (&mappings) |*place| try std.testing.expectEqual(0, place.load(.acquire));
}

fn mapAndUnmap(fd: i32) void {
    for (0..20_000) |_| unmap(map(fd) orelse continue);
}
