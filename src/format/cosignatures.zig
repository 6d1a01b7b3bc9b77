//! Section `sigs` (docs/format.md): the signatures of those who signed before. Checked is how they
//! lie there; what they are worth is not Zig's to judge.

const std = @import("std");
const layout = @import("generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");
const Verdict = @import("fault.zig").Verdict;

const Entry = extern struct {
    key_id: [8]u8,
    signature: [64]u8,
};

comptime {
    std.debug.assert(@alignOf(Entry) == 1);
    struct_layout.check(Entry, layout.cosignature);
}

/// Checks the payload of section `sigs`. `offset` is its place in the file.
pub fn verify(payload: []const u8, offset: usize) Verdict {
    const count = payload.len / @sizeOf(Entry);
    if (payload.len % @sizeOf(Entry) != 0 or count < 1 or count > layout.cosignature_count_max) {
        return .at(.sigs, offset);
    }
    // No key is zero, which is below all others.
    var previous: [8]u8 = @splat(0);
    for (std.mem.bytesAsSlice(Entry, payload), 0..) |*entry, index| {
        if (std.mem.order(u8, &previous, &entry.key_id) != .lt) {
            return .at(.sigs_key_id, offset + index * @sizeOf(Entry));
        }
        previous = entry.key_id;
    }
    return .whole;
}

test "entries ascend, and none is zero" {
    var entries: [2]Entry = @splat(std.mem.zeroes(Entry));
    const payload = std.mem.sliceAsBytes(&entries);
    try std.testing.expectEqual(Verdict.at(.sigs_key_id, 9), verify(payload, 9));
    entries[0].key_id[7] = 1;
    entries[1].key_id[0] = 1;
    try std.testing.expectEqual(Verdict.whole, verify(payload, 9));
    entries[1] = entries[0];
    try std.testing.expectEqual(Verdict.at(.sigs_key_id, 81), verify(payload, 9));
    try std.testing.expectEqual(Verdict.at(.sigs, 9), verify(payload[0..71], 9));
    try std.testing.expectEqual(Verdict.at(.sigs, 9), verify("", 9));
}
