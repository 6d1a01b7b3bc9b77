//! A set of flags by bit, and section `bits` (docs/format.md), which holds those that the header
//! has no room for.

const std = @import("std");
const layout = @import("generated/layout.zig");
const Verdict = @import("fault.zig").Verdict;

const word_size = @sizeOf(u32);
const word_count = layout.flag_count_max / 32;

/// Bytes of section `bits`: the first word is in the header.
pub const bits_size_max = (word_count - 1) * word_size;

pub const FlagSet = extern struct {
    /// Flag n is bit `n % 32` of word `n / 32`.
    words: [word_count]u32 = @splat(0),

    /// The flags of a header and of section `bits`, whose payload is checked; no bytes where there
    /// is none.
    pub fn of(header_flags: u32, bits: []const u8) FlagSet {
        var set: FlagSet = .{};
        set.words[0] = header_flags;
        @memcpy(std.mem.sliceAsBytes(set.words[1..])[0..bits.len], bits);
        return set;
    }

    pub fn isOn(set: *const FlagSet, bit: u32) bool {
        if (bit >= layout.flag_count_max) return false;
        return set.words[bit / 32] >> @intCast(bit % 32) & 1 != 0;
    }

    /// `bit` is below `layout.flag_count_max`.
    pub fn turnOn(set: *FlagSet, bit: u32) void {
        set.words[bit / 32] |= @as(u32, 1) << @intCast(bit % 32);
    }

    /// The payload of section `bits`.
    pub fn bitsPayload(set: *const FlagSet) []const u8 {
        var count: usize = word_count;
        while (count > 1 and set.words[count - 1] == 0) count -= 1;
        return std.mem.sliceAsBytes(set.words[1..count]);
    }
};

comptime {
    std.debug.assert(layout.flag_count_max % 32 == 0);
}

/// Checks the payload of section `bits`. `offset` is its place in the file.
pub fn verifyBits(payload: []const u8, offset: usize) Verdict {
    if (payload.len == 0 or payload.len % word_size != 0 or payload.len > bits_size_max) {
        return .at(.bits, offset);
    }
    const last = payload.len - word_size;
    if (std.mem.allEqual(u8, payload[last..], 0)) return .at(.bits, offset + last);
    return .whole;
}

test "section bits, checked and made" {
    const payload = [_]u8{ 1, 0, 0, 0x80, 0, 0, 0, 0, 2, 0, 0, 0 };
    try std.testing.expectEqual(Verdict.whole, verifyBits(&payload, 9));
    const set: FlagSet = .of(4, &payload);
    for ([_]u32{ 2, 32, 63, 97 }) |bit| try std.testing.expect(set.isOn(bit));
    for ([_]u32{ 0, 33, 62, 96, 1023, 1024, 9999 }) |bit| try std.testing.expect(!set.isOn(bit));
    try std.testing.expectEqualSlices(u8, &payload, set.bitsPayload());
    try std.testing.expectEqual(0, (FlagSet{}).bitsPayload().len);

    try std.testing.expectEqual(Verdict.at(.bits, 9), verifyBits("", 9));
    try std.testing.expectEqual(Verdict.at(.bits, 9), verifyBits(payload[0..11], 9));
    try std.testing.expectEqual(Verdict.at(.bits, 13), verifyBits(payload[0..8], 9));
    const long: [bits_size_max + word_size]u8 = @splat(1);
    try std.testing.expectEqual(Verdict.at(.bits, 0), verifyBits(&long, 0));
    try std.testing.expectEqual(Verdict.whole, verifyBits(long[word_size..], 0));
}
