//! Section `flag` (docs/format.md): the names of the flags' bits.

const std = @import("std");
const layout = @import("generated/layout.zig");
const murmur3 = @import("../base/murmur3.zig").murmur3;
const struct_layout = @import("../base/struct_layout.zig");
const Verdict = @import("fault.zig").Verdict;

const name_size_max = layout.flag_name_size_max;

/// One entry of the table.
pub const Entry = extern struct {
    bit: u16 align(1),
    name_length: u8,
    zero: u8,
    name: [name_size_max]u8,

    pub fn nameText(entry: *const Entry) []const u8 {
        return entry.name[0..entry.name_length];
    }
};

comptime {
    std.debug.assert(@alignOf(Entry) == 1);
    struct_layout.check(Entry, layout.flag_entry);
}

/// The bit of a named flag, or null when the table has no such name. `entries` are checked.
pub fn find(entries: []const Entry, name: []const u8) ?u16 {
    for (entries) |*entry| if (std.mem.eql(u8, entry.nameText(), name)) return entry.bit;
    return null;
}

/// The entries of a checked payload, in place.
pub fn entriesOf(payload: []const u8) []const Entry {
    return std.mem.bytesAsSlice(Entry, payload);
}

/// Entries by name: a table of a thousand is not gone through for each of a thousand names.
pub const Index = struct {
    /// Places in the table plus 1; 0 is free.
    slots: [slot_count]u16 = @splat(0),

    const slot_count = 2 * layout.flag_count_max;

    /// Of a checked table.
    pub fn of(entries: []const Entry) Index {
        var index: Index = .{};
        for (0..entries.len) |place| _ = index.add(entries, place);
        return index;
    }

    /// False when an entry before has the name, in whatever case. There are at most
    /// `layout.flag_count_max` of them.
    fn add(index: *Index, entries: []const Entry, place: usize) bool {
        const name = entries[place].nameText();
        var slot = slotOf(name);
        while (index.slots[slot] != 0) : (slot = (slot + 1) % slot_count) {
            const other = entries[index.slots[slot] - 1].nameText();
            if (std.ascii.eqlIgnoreCase(other, name)) return false;
        }
        index.slots[slot] = @intCast(place + 1);
        return true;
    }

    /// The entry of exactly this name. `entries` are those that the index was made of.
    pub fn find(index: *const Index, entries: []const Entry, name: []const u8) ?*const Entry {
        if (name.len > name_size_max) return null;
        var slot = slotOf(name);
        while (index.slots[slot] != 0) : (slot = (slot + 1) % slot_count) {
            const entry = &entries[index.slots[slot] - 1];
            if (std.mem.eql(u8, entry.nameText(), name)) return entry;
        }
        return null;
    }

    fn slotOf(name: []const u8) usize {
        var buffer: [name_size_max]u8 = undefined;
        return murmur3(std.ascii.lowerString(&buffer, name), 0) % slot_count;
    }
};

/// Checks the payload of section `flag`. `offset` is its place in the file.
pub fn verify(payload: []const u8, offset: usize) Verdict {
    if (payload.len == 0 or payload.len % @sizeOf(Entry) != 0) {
        return .at(.flag_table, offset);
    }
    const entries = entriesOf(payload);
    var index: Index = .{};
    var bit_min: u16 = 0;
    for (entries, 0..) |*entry, place| {
        const at = offset + place * @sizeOf(Entry);
        const verdict = verifyName(entry, at);
        if (verdict.fault != .none) return verdict;
        if (entry.bit < bit_min or entry.bit >= layout.flag_count_max) return .at(.flag_bit, at);
        if (!index.add(entries, place)) return .at(.flag_name, at + @offsetOf(Entry, "name"));
        bit_min = entry.bit + 1;
    }
    return .whole;
}

fn verifyName(entry: *const Entry, at: usize) Verdict {
    const name_at = at + @offsetOf(Entry, "name");
    if (entry.name_length < 1 or entry.name_length > name_size_max) {
        return .at(.flag_name_length, at + @offsetOf(Entry, "name_length"));
    }
    if (entry.zero != 0) return .at(.flag_zero, at + @offsetOf(Entry, "zero"));
    if (!isName(entry.nameText())) return .at(.flag_name, name_at);
    for (entry.name[entry.name_length..], entry.name_length..) |byte, index| {
        if (byte != 0) return .at(.flag_name_padding, name_at + index);
    }
    return .whole;
}

/// `[A-Za-z][A-Za-z0-9_.-]*`.
fn isName(name: []const u8) bool {
    for (name, 0..) |byte, index| switch (byte) {
        'A'...'Z', 'a'...'z' => {},
        '0'...'9', '_', '.', '-' => if (index == 0) return false,
        else => return false,
    };
    return true;
}

test "a table is checked, and found in" {
    var entries = [_]Entry{ std.mem.zeroes(Entry), std.mem.zeroes(Entry) };
    for (&entries, [_]u16{ 2, 1023 }, [_][]const u8{ "Debug", "a.1-_" }) |*entry, bit, name| {
        entry.bit = bit;
        entry.name_length = @intCast(name.len);
        @memcpy(entry.name[0..name.len], name);
    }
    const payload = std.mem.sliceAsBytes(&entries);
    try std.testing.expectEqual(Verdict.whole, verify(payload, 0));
    const index: Index = .of(&entries);
    for ([_][]const u8{ "Debug", "a.1-_" }, &entries) |name, *entry| {
        try std.testing.expectEqual(entry.bit, find(&entries, name));
        try std.testing.expectEqual(entry, index.find(&entries, name));
    }
    for ([_][]const u8{ "DEBUG", "a.1-", "", "a" ** 61 }) |name| {
        try std.testing.expectEqual(null, find(&entries, name));
        try std.testing.expectEqual(null, index.find(&entries, name));
    }
    try std.testing.expectEqual(Verdict.at(.flag_table, 9), verify(payload[0..63], 9));

    entries[1].bit = 2;
    try std.testing.expectEqual(Verdict.at(.flag_bit, 64), verify(payload, 0));
    entries[1].bit = 1024;
    try std.testing.expectEqual(Verdict.at(.flag_bit, 64), verify(payload, 0));
    entries[1] = entries[0];
    entries[1].bit = 3;
    entries[1].name[0] = 'd';
    try std.testing.expectEqual(Verdict.at(.flag_name, 68), verify(payload, 0));
    entries[0].name[59] = 1;
    try std.testing.expectEqual(Verdict.at(.flag_name_padding, 63), verify(payload, 0));
    entries[0].zero = 1;
    try std.testing.expectEqual(Verdict.at(.flag_zero, 3), verify(payload, 0));
    entries[0].name_length = 61;
    try std.testing.expectEqual(Verdict.at(.flag_name_length, 2), verify(payload, 0));
}

test "a full table, and one entry too many" {
    var entries: [layout.flag_count_max + 1]Entry = @splat(std.mem.zeroes(Entry));
    for (&entries, 0..) |*entry, bit| {
        entry.bit = @intCast(bit);
        const name = std.fmt.bufPrint(&entry.name, "flag-{d}", .{bit}) catch unreachable;
        entry.name_length = @intCast(name.len);
    }
    const full = entries[0..layout.flag_count_max];
    try std.testing.expectEqual(Verdict.whole, verify(std.mem.sliceAsBytes(full), 0));
    const index: Index = .of(full);
    for (full) |*entry| {
        try std.testing.expectEqual(entry, index.find(full, entry.nameText()));
    }
    const offset = 64 * layout.flag_count_max;
    const over = verify(std.mem.sliceAsBytes(&entries), 0);
    try std.testing.expectEqual(Verdict.at(.flag_bit, offset), over);
}
