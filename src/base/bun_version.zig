//! Whether a Bun will do. The twin, which says what is wrong with one that will not, is
//! src/base/bun_version.ts.

const std = @import("std");

const Numbers = [3]u32;

/// False also for what is no plain version.
pub fn isAtLeast(version: []const u8, comptime minimum: []const u8) bool {
    const bounds = comptime numbersOf(minimum) orelse @compileError("no version: " ++ minimum);
    const numbers = numbersOf(version) orelse return false;
    for (numbers, bounds) |number, bound| if (number != bound) return number > bound;
    return true;
}

/// A pre-release counts as its release.
fn numbersOf(version: []const u8) ?Numbers {
    const end = std.mem.indexOfAny(u8, version, "-+") orelse version.len;
    var parts = std.mem.splitScalar(u8, version[0..end], '.');
    var numbers: Numbers = undefined;
    for (&numbers) |*number| number.* = numberOf(parts.next() orelse return null) orelse return null;
    return if (parts.next() == null) numbers else null;
}

fn numberOf(text: []const u8) ?u32 {
    for (text) |byte| if (!std.ascii.isDigit(byte)) return null;
    return std.fmt.parseInt(u32, text, 10) catch null;
}

test "which Bun will do" {
    for ([_][]const u8{ "1.4.1", "1.4.10", "1.10.0", "2.0.0", "1.4.1-canary.2+abc" }) |version| {
        try std.testing.expect(isAtLeast(version, "1.4.1"));
    }
    for ([_][]const u8{ "1.4.0", "1.3.99", "0.9.9", "1.4.0-canary.2" }) |version| {
        try std.testing.expect(!isAtLeast(version, "1.4.1"));
    }
    for ([_][]const u8{ "", "2", "2.0", "2.0.0.0", "2..0", "2.0.x", "+2.0.0", "99999999999.0.0" }) |version| {
        try std.testing.expect(!isAtLeast(version, "1.4.1"));
    }
}
