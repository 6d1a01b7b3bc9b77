//! The whole file (docs/format.md), checked: no libc, no allocation, and bytes from outside give a
//! `Verdict`, never a panic.

const std = @import("std");
const body = @import("body.zig");
const flags = @import("flags.zig");
const header_module = @import("header.zig");
const layout = @import("generated/layout.zig");
const Header = header_module.Header;
const Verdict = @import("fault.zig").Verdict;

pub const size_max = header_module.size + layout.body_size_max;

/// A whole file after its check. What is in it points into its bytes.
pub const Checked = struct {
    verdict: Verdict,
    header: ?*const Header = null,
    /// The payload of section `bits`.
    bits: []const u8 = &.{},
    flags: []const flags.Entry = &.{},
    meta: ?[]const u8 = null,
};

/// Checks a whole file: the header, its seal where the file is unsigned, and the body. Of a
/// signed file only the structure is checked, and the verdict says so.
pub fn verify(bytes: []const u8) Checked {
    const verdict = header_module.verify(bytes);
    if (verdict.fault != .none) return .{ .verdict = verdict };
    const header = header_module.of(bytes);
    const signed = header.isSigned();
    const rest = bytes[header_module.size..];
    if (rest.len > layout.body_size_max) {
        return .{ .verdict = .at(.body, header_module.size + layout.body_size_max) };
    }
    if (!signed) {
        const seal = header.verifyUnsignedSeal(rest);
        if (seal.fault != .none) return .{ .verdict = seal };
    }
    var checked = body.verify(rest, signed);
    checked.verdict.signed = @intFromBool(signed);
    return .{
        .verdict = checked.verdict,
        .header = header,
        .bits = checked.bits,
        .flags = checked.flags,
        .meta = checked.meta,
    };
}

const testing = std.testing;

test "every single-bit flip and every truncation of a file is refused" {
    const fields: header_module.Fields = .{
        .registry_hash = 0xc8c87440,
        .feature_flags = 4,
        .generation = 1,
        .frozen = 0,
        .config_version = 1,
        .terminal_mode = 1,
        .rows = 24,
        .cols = 80,
    };
    var file: [header_module.size + 4]u8 = @splat(0);
    const header = std.mem.bytesAsValue(Header, file[0..header_module.size]);
    try testing.expectEqual(.none, header_module.encode(&fields, file[104..], header));
    try testing.expectEqual(0x25a22d89f45f7899, header.checksum);
    try testing.expectEqual(.none, verify(&file).verdict.fault);
    for (0..8 * file.len) |bit| {
        const flip = @as(u8, 1) << @intCast(bit % 8);
        file[bit / 8] ^= flip;
        defer file[bit / 8] ^= flip;
        const verdict = verify(&file).verdict;
        // A key's first bit makes a signed file, whose seal is not Zig's to judge.
        const signed = bit / 8 >= 32 and bit / 8 < 40;
        try testing.expectEqual(signed, verdict.fault == .none);
        try testing.expectEqual(@intFromBool(signed), verdict.signed);
    }
    for (0..file.len) |length| {
        try testing.expect(verify(file[0..length]).verdict.fault != .none);
    }
}
