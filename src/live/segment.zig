//! The live segment: 4096 bytes of shared memory that one writer changes and any number of
//! readers, in other processes, read without a lock and without a system call.
//!
//! Layout, little-endian, every field at a multiple of its own size:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | magic, ASCII `IMCL` |
//! | 4 | 4 | layout version, 1 |
//! | 8 | 4 | sequence: odd while a slot is being written |
//! | 12 | 4 | effective flags: the record's, with the overrides applied |
//! | 16 | 112 | zero |
//! | 128 | 384 | slot 0 |
//! | 512 | 384 | slot 1 |
//! | 896 | 3200 | zero |
//!
//! A slot (`Slot`, offsets within it):
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | sequence at which the slot became active, even |
//! | 4 | 4 | generation of the record |
//! | 8 | 4 | flags of the record |
//! | 12 | 4 | override mask: the flags that are overridden |
//! | 16 | 4 | override value; zero outside the mask |
//! | 20 | 4 | effective flags |
//! | 24 | 16 | the 13-byte record, then three zero bytes |
//! | 40 | 32 | identity of the file that the record came from, opaque here |
//! | 72 | 8 | when the record was published, ms since 1970 |
//! | 80 | 8 | when an override last changed, ms since 1970; 0 = never |
//! | 88 | 8 | CRC-64/XZ of bytes 0..87 |
//! | 96 | 256 | for each flag, when its override ends, ms since 1970; 0 = never |
//! | 352 | 8 | CRC-64/XZ of bytes 96..351 |
//! | 360 | 24 | zero |
//!
//! The protocol. With `k = sequence >> 1`, slot `k & 1` is active, whether the sequence is odd
//! or even. A writer makes the sequence odd, fills the other slot, and then stores the next even
//! sequence and the effective flags with one 64-bit store: that store is the change. A writer
//! that dies before it has changed nothing, and the next one overwrites what it left.
//!
//! - One flag: load the word at 12, test the bit. It is one word, hence never torn.
//! - A whole state: load the sequence `s`, copy slot `(s >> 1) & 1`, load the sequence again as
//!   `t`; the copy is whole when `t - (s & ~1)` (unsigned, wrapping) is at most 2, because the
//!   slot is not touched before that difference is 3. Otherwise try again.
//!
//! Writers exclude each other with a lock of the kernel's on the segment's folder, held by the
//! caller, so that it is freed when its holder dies. A writer that has just taken the lock calls
//! `repair` first; the other functions trust the slots.

const std = @import("std");
const crc64 = @import("../base/crc64.zig");
const Fault = @import("../format/fault.zig").Fault;

pub const segment_size = 4096;
pub const segment_magic: u32 = std.mem.readInt(u32, "IMCL", .little);
pub const layout_version: u32 = 1;
const flag_count = 32;

pub const Head = extern struct {
    magic: u32,
    layout_version: u32,
    sequence: u32,
    effective: u32,
    zero: [112]u8,
};

pub const Slot = extern struct {
    sequence: u32,
    generation: u32,
    flags: u32,
    override_mask: u32,
    override_value: u32,
    effective: u32,
    record: [16]u8,
    identity: [32]u8,
    published_ms: u64,
    changed_ms: u64,
    settings_check: u64,
    expires_ms: [flag_count]u64,
    expires_check: u64,
    zero: [24]u8,

    fn settings(slot: *const Slot) []const u8 {
        return std.mem.asBytes(slot)[0..@offsetOf(Slot, "settings_check")];
    }

    fn isWhole(slot: *const Slot, sequence: u32) bool {
        return slot.sequence == sequence and
            slot.settings_check == crc64.checksum(slot.settings()) and
            slot.expires_check == crc64.checksum(std.mem.sliceAsBytes(&slot.expires_ms));
    }
};

pub const Segment = extern struct {
    head: Head,
    slots: [2]Slot,
    zero: [segment_size - @sizeOf(Head) - 2 * @sizeOf(Slot)]u8,

    fn isOurs(segment: *const Segment) bool {
        return segment.head.magic == segment_magic and
            segment.head.layout_version == layout_version;
    }
};

/// What a durable change brings to the segment.
pub const Publication = extern struct {
    generation: u32,
    flags: u32,
    record: [16]u8,
    identity: [32]u8,
    now_ms: u64,
};

pub const Repair = enum(u32) {
    /// Nothing to do.
    whole = 0,
    /// A writer had died in the middle of a change; the state before it stands.
    undone = 1,
    /// The active slot was damaged; the state before it stands.
    rolled_back = 2,
    /// Neither slot is whole: `publish` starts afresh, without overrides.
    lost = 3,
    /// Not a segment of this layout; nothing was touched.
    foreign = 4,
};

comptime {
    const assert = std.debug.assert;
    assert(@import("builtin").cpu.arch.endian() == .little);
    assert(@sizeOf(Segment) == segment_size);
    assert(@offsetOf(Segment, "slots") == 128);
    assert(@sizeOf(Slot) == 384);
    assert(@offsetOf(Slot, "record") == 24);
    assert(@offsetOf(Slot, "identity") == 40);
    assert(@offsetOf(Slot, "settings_check") == 88);
    assert(@offsetOf(Slot, "expires_ms") == 96);
    assert(@offsetOf(Slot, "expires_check") == 352);
    // The change is one 64-bit store over these two.
    assert(@offsetOf(Head, "sequence") % 8 == 0);
    assert(@offsetOf(Head, "effective") == @offsetOf(Head, "sequence") + 4);
    assert(@sizeOf(Publication) == 64);
}

/// Overrides the flags in `mask` with the bits of `value` until `expires_ms` (0 = for good).
pub fn flip(segment: *Segment, mask: u32, value: u32, expires_ms: u64, now_ms: u64) Fault {
    if (!segment.isOurs()) return .live_foreign;
    var next = activeSlot(segment).*;
    next.override_mask |= mask;
    next.override_value = (next.override_value & ~mask) | (value & mask);
    setExpiry(&next, mask, expires_ms);
    next.changed_ms = now_ms;
    commit(segment, &next);
    return .none;
}

/// Takes the overrides of the flags in `mask` away: the record decides again.
pub fn clear(segment: *Segment, mask: u32, now_ms: u64) Fault {
    if (!segment.isOurs()) return .live_foreign;
    var next = activeSlot(segment).*;
    next.override_mask &= ~mask;
    next.override_value &= ~mask;
    setExpiry(&next, mask, 0);
    next.changed_ms = now_ms;
    commit(segment, &next);
    return .none;
}

/// Takes away the overrides that have ended by `now_ms`. Changes nothing when there is none.
pub fn expire(segment: *Segment, now_ms: u64) Fault {
    if (!segment.isOurs()) return .live_foreign;
    var ended: u32 = 0;
    for (activeSlot(segment).expires_ms, 0..) |end, bit| {
        if (end != 0 and end <= now_ms) ended |= @as(u32, 1) << @intCast(bit);
    }
    return if (ended == 0) .none else clear(segment, ended, now_ms);
}

/// Brings a durable change to the segment and keeps the overrides. A segment of zeros, or one
/// whose slots are both damaged, is set up afresh.
pub fn publish(segment: *Segment, publication: *const Publication) Fault {
    var next = std.mem.zeroes(Slot);
    switch (repair(segment)) {
        .whole, .undone, .rolled_back => next = activeSlot(segment).*,
        .lost => {},
        .foreign => {
            if (!std.mem.allEqual(u8, std.mem.asBytes(&segment.head), 0)) return .live_foreign;
            segment.head.magic = segment_magic;
            segment.head.layout_version = layout_version;
        },
    }
    next.generation = publication.generation;
    next.flags = publication.flags;
    next.record = publication.record;
    next.identity = publication.identity;
    next.published_ms = publication.now_ms;
    sealExpiry(&next);
    commit(segment, &next);
    return .none;
}

/// Brings the segment back to a whole state after a writer died or a slot was damaged.
pub fn repair(segment: *Segment) Repair {
    if (!segment.isOurs()) return .foreign;
    const sequence = segment.head.sequence & ~@as(u32, 1);
    const active = activeSlot(segment);
    if (active.isWhole(sequence)) {
        const was_whole = segment.head.sequence == sequence and
            segment.head.effective == active.effective;
        if (was_whole) return .whole;
        store(segment, sequence, active.effective);
        return .undone;
    }
    const other = &segment.slots[((sequence >> 1) +% 1) & 1];
    if (!other.isWhole(sequence -% 2)) return .lost;
    var next = other.*;
    commit(segment, &next);
    return .rolled_back;
}

fn activeSlot(segment: *Segment) *Slot {
    return &segment.slots[(segment.head.sequence >> 1) & 1];
}

fn setExpiry(slot: *Slot, mask: u32, expires_ms: u64) void {
    var changed = false;
    var rest = mask;
    while (rest != 0) : (rest &= rest - 1) {
        const end = &slot.expires_ms[@ctz(rest)];
        if (end.* == expires_ms) continue;
        end.* = expires_ms;
        changed = true;
    }
    if (changed) sealExpiry(slot);
}

fn sealExpiry(slot: *Slot) void {
    slot.expires_check = crc64.checksum(std.mem.sliceAsBytes(&slot.expires_ms));
}

/// Makes `next` the active state. Every store is a release: on no machine can a reader see a
/// word of the slot before the odd sequence, or the even sequence before the slot.
fn commit(segment: *Segment, next: *Slot) void {
    const odd = segment.head.sequence | 1;
    @atomicStore(u32, &segment.head.sequence, odd, .release);
    next.sequence = odd +% 1;
    next.effective = (next.flags & ~next.override_mask) | next.override_value;
    next.settings_check = crc64.checksum(next.settings());
    const slot = &segment.slots[(next.sequence >> 1) & 1];
    const words = std.mem.bytesAsSlice(u64, std.mem.asBytes(next));
    for (std.mem.bytesAsSlice(u64, std.mem.asBytes(slot)), words) |*to, word| {
        @atomicStore(u64, to, word, .release);
    }
    store(segment, next.sequence, next.effective);
}

fn store(segment: *Segment, sequence: u32, effective: u32) void {
    const pair: *u64 = @ptrCast(@alignCast(&segment.head.sequence));
    @atomicStore(u64, pair, @as(u64, effective) << 32 | sequence, .release);
}

const testing = std.testing;

fn published() !*Segment {
    const segment = try testing.allocator.create(Segment);
    errdefer testing.allocator.destroy(segment);
    @memset(std.mem.asBytes(segment), 0);
    const publication: Publication = .{
        .generation = 7,
        .flags = 0b0101,
        .record = @splat(9),
        .identity = @splat(3),
        .now_ms = 1_000,
    };
    try testing.expectEqual(.none, publish(segment, &publication));
    return segment;
}

test "a published record, an override, its end" {
    const segment = try published();
    defer testing.allocator.destroy(segment);
    try testing.expectEqual(0b0101, segment.head.effective);
    try testing.expectEqual(.none, flip(segment, 0b0110, 0b1010, 5_000, 2_000));
    try testing.expectEqual(0b0011, segment.head.effective);
    try testing.expectEqual(.none, expire(segment, 4_999));
    try testing.expectEqual(0b0011, segment.head.effective);
    try testing.expectEqual(.none, expire(segment, 5_000));
    try testing.expectEqual(0b0101, segment.head.effective);
    try testing.expectEqual(5_000, activeSlot(segment).changed_ms);
    try testing.expectEqual(.whole, repair(segment));
}

test "a record published later keeps the overrides" {
    const segment = try published();
    defer testing.allocator.destroy(segment);
    try testing.expectEqual(.none, flip(segment, 0b1000, 0b1000, 0, 2_000));
    var publication = std.mem.zeroes(Publication);
    publication.generation = 8;
    try testing.expectEqual(.none, publish(segment, &publication));
    try testing.expectEqual(0b1000, segment.head.effective);
    try testing.expectEqual(8, activeSlot(segment).generation);
}

test "a writer that dies after any of its stores has changed nothing" {
    const segment = try published();
    defer testing.allocator.destroy(segment);
    const before = segment.*;
    try testing.expectEqual(.none, flip(segment, 0b10, 0b10, 9_000, 2_000));
    const after = segment.*;
    const slot_index = (after.head.sequence >> 1) & 1;
    for (0..@sizeOf(Slot) / 8 + 1) |stores| {
        segment.* = before;
        segment.head.sequence |= 1;
        const torn = std.mem.asBytes(&segment.slots[slot_index]);
        @memcpy(torn[0 .. 8 * stores], std.mem.asBytes(&after.slots[slot_index])[0 .. 8 * stores]);
        try testing.expectEqual(.undone, repair(segment));
        try testing.expectEqual(before.head, segment.head);
        try testing.expectEqual(before.slots[slot_index ^ 1], segment.slots[slot_index ^ 1]);
        try testing.expectEqual(.none, flip(segment, 0b10, 0b10, 9_000, 2_000));
        try testing.expectEqual(after, segment.*);
    }
}

test "a damaged slot falls back to the one before, two to nothing" {
    const segment = try published();
    defer testing.allocator.destroy(segment);
    try testing.expectEqual(.none, flip(segment, 0b10, 0b10, 0, 2_000));
    activeSlot(segment).flags ^= 1;
    try testing.expectEqual(.rolled_back, repair(segment));
    try testing.expectEqual(0b0101, segment.head.effective);
    try testing.expectEqual(.whole, repair(segment));
    for (&segment.slots) |*slot| slot.expires_ms[31] ^= 1;
    try testing.expectEqual(.lost, repair(segment));
    const fresh = std.mem.zeroes(Publication);
    try testing.expectEqual(.none, publish(segment, &fresh));
    try testing.expectEqual(0, segment.head.effective);
    try testing.expectEqual(.whole, repair(segment));
}

test "a foreign segment is left alone" {
    const segment = try published();
    defer testing.allocator.destroy(segment);
    segment.head.layout_version = 2;
    const before = segment.*;
    try testing.expectEqual(.foreign, repair(segment));
    try testing.expectEqual(.live_foreign, flip(segment, 1, 1, 0, 1));
    try testing.expectEqual(.live_foreign, clear(segment, 1, 1));
    try testing.expectEqual(.live_foreign, expire(segment, 1));
    const publication = std.mem.zeroes(Publication);
    try testing.expectEqual(.live_foreign, publish(segment, &publication));
    try testing.expectEqual(before, segment.*);
}
