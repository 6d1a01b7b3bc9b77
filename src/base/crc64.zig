//! CRC-64/XZ: polynomial 42f0e1eba9ea3693 reflected, initial and final value all ones.
//! Eight bytes a step (slicing-by-8; Kounavis and Berry, IEEE Transactions on Computers 57(11)).

const std = @import("std");

const polynomial: u64 = 0xc96c5795d7870f42;
const slice_size = 8;

/// `tables[s][b]` is the effect of byte `b` followed by `s` zero bytes.
const tables: [slice_size][256]u64 = build: {
    @setEvalBranchQuota(100_000);
    var result: [slice_size][256]u64 = undefined;
    for (0..256) |byte| {
        var crc: u64 = byte;
        for (0..8) |_| crc = (crc >> 1) ^ (if (crc & 1 == 1) polynomial else 0);
        result[0][byte] = crc;
    }
    for (1..slice_size) |s| {
        for (0..256) |byte| {
            const crc = result[s - 1][byte];
            result[s][byte] = (crc >> 8) ^ result[0][@as(u8, @truncate(crc))];
        }
    }
    break :build result;
};

pub fn checksum(bytes: []const u8) u64 {
    return extend(0, bytes);
}

/// Goes on from `previous`, the checksum of the bytes before these.
pub fn extend(previous: u64, bytes: []const u8) u64 {
    var crc = ~previous;
    var rest = bytes;
    while (rest.len >= slice_size) : (rest = rest[slice_size..]) {
        const word = crc ^ std.mem.readInt(u64, rest[0..slice_size], .little);
        crc = 0;
        inline for (0..slice_size) |i| {
            crc ^= tables[slice_size - 1 - i][@as(u8, @truncate(word >> (8 * i)))];
        }
    }
    for (rest) |byte| crc = (crc >> 8) ^ tables[0][@as(u8, @truncate(crc)) ^ byte];
    return ~crc;
}

test "the catalogue's check value, whole and in parts" {
    const input = "123456789";
    try std.testing.expectEqual(0x995dc9bbdf1939fa, checksum(input));
    for (0..input.len + 1) |cut| {
        const first = checksum(input[0..cut]);
        try std.testing.expectEqual(0x995dc9bbdf1939fa, extend(first, input[cut..]));
    }
}

test "agrees with the standard library's" {
    var random = std.Random.DefaultPrng.init(1);
    var bytes: [200]u8 = undefined;
    random.random().bytes(&bytes);
    for (0..bytes.len + 1) |length| {
        const expected = std.hash.crc.Crc64Xz.hash(bytes[0..length]);
        try std.testing.expectEqual(expected, checksum(bytes[0..length]));
    }
}
