//! The golden values of docs/format.md, and the hash vectors that every implementation shares.

const std = @import("std");
const immuconfig = @import("../immuconfig.zig");
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
        const hash = immuconfig.registry.murmur3(vector.input, vector.seed);
        try testing.expectEqual(expected, hash);
    }
    const check = try std.fmt.parseInt(u64, parsed.value.crc64xzCheck, 16);
    try testing.expectEqual(check, immuconfig.crc64.checksum("123456789"));
}

/// The defaults with registry https://registry.example.test and flag bit 2.
const golden: immuconfig.Fields = .{
    .registry_hash = 0xc8c87440,
    .feature_flags = 4,
    .generation = 1,
    .frozen = 0,
    .config_version = 1,
    .terminal_mode = 1,
    .rows = 24,
    .cols = 80,
};

test "the golden record" {
    var header: immuconfig.Header = undefined;
    try testing.expectEqual(.none, immuconfig.encode(&golden, "\x00" ** 4, &header));
    const record = std.mem.asBytes(&header)[4..17];
    try testing.expectEqualStrings(
        "014074c8c80400000001185099",
        &std.fmt.bytesToHex(record, .lower),
    );
    try testing.expectEqual(0x25a22d89f45f7899, header.checksum);
    try testing.expectEqual(.none, immuconfig.verifyRecord(record).fault);
}

test "every single-bit flip and every truncation of a file is refused" {
    var file: [immuconfig.header_size + 4]u8 = @splat(0);
    const header = std.mem.bytesAsValue(immuconfig.Header, file[0..immuconfig.header_size]);
    try testing.expectEqual(.none, immuconfig.encode(&golden, file[104..], header));
    try testing.expectEqual(.none, immuconfig.verify(&file).verdict.fault);
    for (0..8 * file.len) |bit| {
        const flip = @as(u8, 1) << @intCast(bit % 8);
        file[bit / 8] ^= flip;
        defer file[bit / 8] ^= flip;
        const verdict = immuconfig.verify(&file).verdict;
        // A key's first bit makes a signed file, whose seal is not Zig's to judge.
        const signed = bit / 8 >= 32 and bit / 8 < 40;
        try testing.expectEqual(signed, verdict.fault == .none);
        try testing.expectEqual(@intFromBool(signed), verdict.signed);
    }
    for (0..file.len) |length| {
        try testing.expect(immuconfig.verify(file[0..length]).verdict.fault != .none);
    }
}
