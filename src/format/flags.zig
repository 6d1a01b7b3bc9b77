//! Feature flags: bits of one 32-bit word, and section `flag`, which names them.

const std = @import("std");
const layout = @import("generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");
const Verdict = @import("fault.zig").Verdict;

const flag_count_max = layout.flag_count_max;
const name_size_max = layout.flag_name_size_max;

/// One entry of the table.
pub const Entry = extern struct {
    bit: u8,
    name_length: u8,
    name: [name_size_max]u8,

    pub fn nameText(entry: *const Entry) []const u8 {
        return entry.name[0..entry.name_length];
    }
};

comptime {
    std.debug.assert(@alignOf(Entry) == 1);
    struct_layout.check(Entry, layout.flag_entry);
}

/// The flag's bit in `featureFlags`.
pub fn maskOf(bit: u5) u32 {
    return @as(u32, 1) << bit;
}

/// True when every flag of `mask` is on.
pub fn isEnabled(flags: u32, mask: u32) bool {
    return flags & mask == mask;
}

/// The mask of a named flag, or null when the table has no such name. `entries` are checked.
pub fn find(entries: []const Entry, name: []const u8) ?u32 {
    for (entries) |*entry| {
        if (std.mem.eql(u8, entry.nameText(), name)) return maskOf(@intCast(entry.bit));
    }
    return null;
}

/// The entries of a checked payload, in place.
pub fn entriesOf(payload: []const u8) []const Entry {
    return std.mem.bytesAsSlice(Entry, payload);
}

/// Checks the payload of section `flag`. `offset` is its place in the file.
pub fn verify(payload: []const u8, offset: usize) Verdict {
    if (payload.len == 0 or payload.len % @sizeOf(Entry) != 0) {
        return .at(.flag_table, offset);
    }
    const entries = entriesOf(payload);
    var bit_min: u8 = 0;
    for (entries, 0..) |*entry, index| {
        const at = offset + index * @sizeOf(Entry);
        const verdict = verifyName(entry, at);
        if (verdict.fault != .none) return verdict;
        if (entry.bit < bit_min or entry.bit >= flag_count_max) return .at(.flag_bit, at);
        if (find(entries[0..index], entry.nameText()) != null) {
            return .at(.flag_name, at + @offsetOf(Entry, "name"));
        }
        bit_min = entry.bit + 1;
    }
    return .whole;
}

fn verifyName(entry: *const Entry, at: usize) Verdict {
    const name_at = at + @offsetOf(Entry, "name");
    if (entry.name_length < 1 or entry.name_length > name_size_max) {
        return .at(.flag_name_length, at + @offsetOf(Entry, "name_length"));
    }
    if (!isName(entry.nameText())) return .at(.flag_name, name_at);
    for (entry.name[entry.name_length..], entry.name_length..) |byte, index| {
        if (byte != 0) return .at(.flag_name_padding, name_at + index);
    }
    return .whole;
}

/// `[A-Z][A-Z0-9_]*`.
fn isName(name: []const u8) bool {
    for (name, 0..) |byte, index| switch (byte) {
        'A'...'Z' => {},
        '0'...'9', '_' => if (index == 0) return false,
        else => return false,
    };
    return true;
}

test "a table is checked, and found in" {
    var entries = [_]Entry{ std.mem.zeroes(Entry), std.mem.zeroes(Entry) };
    for (&entries, [_]u8{ 2, 31 }, [_][]const u8{ "DEBUG", "A_1" }) |*entry, bit, name| {
        entry.bit = bit;
        entry.name_length = @intCast(name.len);
        @memcpy(entry.name[0..name.len], name);
    }
    const payload = std.mem.sliceAsBytes(&entries);
    try std.testing.expectEqual(Verdict.whole, verify(payload, 0));
    try std.testing.expectEqual(4, find(&entries, "DEBUG"));
    try std.testing.expectEqual(0x8000_0000, find(&entries, "A_1"));
    try std.testing.expectEqual(null, find(&entries, "A_"));
    try std.testing.expectEqual(Verdict.at(.flag_table, 9), verify(payload[0..63], 9));

    entries[1].bit = 2;
    try std.testing.expectEqual(Verdict.at(.flag_bit, 64), verify(payload, 0));
    entries[1].bit = 32;
    try std.testing.expectEqual(Verdict.at(.flag_bit, 64), verify(payload, 0));
    entries[1] = entries[0];
    entries[1].bit = 3;
    try std.testing.expectEqual(Verdict.at(.flag_name, 66), verify(payload, 0));
    entries[0].name[61] = 1;
    try std.testing.expectEqual(Verdict.at(.flag_name_padding, 63), verify(payload, 0));
    entries[0].name_length = 63;
    try std.testing.expectEqual(Verdict.at(.flag_name_length, 1), verify(payload, 0));
}
