//! MurmurHash3 x86_32 (aappleby/smhasher, src/MurmurHash3.cpp).

const std = @import("std");

pub fn murmur3(bytes: []const u8, seed: u32) u32 {
    var hash = seed;
    var rest = bytes;
    while (rest.len >= 4) : (rest = rest[4..]) {
        hash ^= mixBlock(std.mem.readInt(u32, rest[0..4], .little));
        hash = std.math.rotl(u32, hash, 13) *% 5 +% 0xe6546b64;
    }
    var tail: u32 = 0;
    for (rest, 0..) |byte, i| tail |= @as(u32, byte) << @intCast(8 * i);
    if (rest.len != 0) hash ^= mixBlock(tail);
    hash ^= @as(u32, @truncate(bytes.len));
    hash = (hash ^ (hash >> 16)) *% 0x85ebca6b;
    hash = (hash ^ (hash >> 13)) *% 0xc2b2ae35;
    return hash ^ (hash >> 16);
}

fn mixBlock(block: u32) u32 {
    return std.math.rotl(u32, block *% 0xcc9e2d51, 15) *% 0x1b873593;
}

test "SMHasher's verification value" {
    var hashes: [4 * 256]u8 = undefined;
    var key: [256]u8 = undefined;
    for (&key, 0..) |*byte, i| byte.* = @intCast(i);
    for (0..256) |length| {
        const hash = murmur3(key[0..length], @intCast(256 - length));
        std.mem.writeInt(u32, hashes[4 * length ..][0..4], hash, .little);
    }
    try std.testing.expectEqual(0xb0f57ee3, murmur3(&hashes, 0));
}
