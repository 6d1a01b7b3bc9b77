//! The texts without which a source holds nothing to replace.

const std = @import("std");

pub const bundle_module = "bun:bundle";

const needles = [_][]const u8{ bundle_module, "Bun.config" };

/// Most sources of a build hold none, so this looks at many bytes at once: for what the needles have in
/// common behind their first letter, `un` and one of two signs.
pub fn areIn(text: []const u8) bool {
    var at: usize = 0;
    while (at + block_size + 2 <= text.len) : (at += block_size) {
        const sign = equal(text, at + 2, ':') | equal(text, at + 2, '.');
        var candidates = equal(text, at, 'u') & equal(text, at + 1, 'n') & sign;
        while (candidates != 0) : (candidates &= candidates - 1) {
            const start = at + @ctz(candidates) -| 1;
            for (needles) |needle| if (std.mem.startsWith(u8, text[start..], needle)) return true;
        }
    }
    const rest = text[at -| 1..];
    for (needles) |needle| if (std.mem.indexOf(u8, rest, needle) != null) return true;
    return false;
}

const block_size = 32;

/// A bit for each byte of the block.
fn equal(text: []const u8, at: usize, byte: u8) u32 {
    const block: @Vector(block_size, u8) = text[at..][0..block_size].*;
    return @bitCast(block == @as(@Vector(block_size, u8), @splat(byte)));
}

const testing = std.testing;

test "needles" {
    var text: [200]u8 = @splat('u');
    for (0..text.len) |at| {
        for (needles) |needle| {
            if (at + needle.len > text.len) continue;
            @memset(&text, "un:."[at % 4]);
            try testing.expect(!areIn(&text));
            @memcpy(text[at..][0..needle.len], needle);
            try testing.expect(areIn(&text));
            text[at + needle.len - 1] = ' ';
            try testing.expect(!areIn(&text));
        }
    }
    try testing.expect(!areIn(""));
    try testing.expect(areIn("Bun.config"));
    try testing.expect(!areIn("un:bundle" ++ "un.config" ** 20));
}
