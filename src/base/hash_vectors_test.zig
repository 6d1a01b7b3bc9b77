//! The hash vectors that every implementation shares.

const std = @import("std");
const crc64 = @import("crc64.zig");
const murmur3 = @import("murmur3.zig").murmur3;
const testing = std.testing;

const HashVectors = struct {
    crc64xzCheck: []const u8,
    murmur3: []const struct { input: []const u8, seed: u32, hash: []const u8 },
};

test "hash vectors" {
    const text = @embedFile("hash_vectors");
    const parsed = try std.json.parseFromSlice(HashVectors, testing.allocator, text, .{
        .ignore_unknown_fields = true,
    });
    defer parsed.deinit();
    try testing.expect(parsed.value.murmur3.len > 5);
    for (parsed.value.murmur3) |vector| {
        const expected = try std.fmt.parseInt(u32, vector.hash, 16);
        try testing.expectEqual(expected, murmur3(vector.input, vector.seed));
    }
    const check = try std.fmt.parseInt(u64, parsed.value.crc64xzCheck, 16);
    try testing.expectEqual(check, crc64.checksum("123456789"));
}
