//! The 13-byte record (docs/format.md, "Record"): twelve bytes of settings and a check byte.

const std = @import("std");
const crc64 = @import("../base/crc64.zig");
const layout = @import("generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");
const Verdict = @import("fault.zig").Verdict;

/// The settings and their check byte.
pub const size = layout.record_size;
/// Of the record as lower-case hex digits.
pub const text_size = 2 * size;

pub const Settings = extern struct {
    config_version: u8,
    registry_hash: u32 align(1),
    feature_flags: u32 align(1),
    terminal_mode: u8,
    rows: u8,
    cols: u8,

    pub fn checksum(settings: *const Settings) u64 {
        return crc64.checksum(std.mem.asBytes(settings));
    }

    /// The first rule of the fields that is broken. `offset` is the settings' own.
    pub fn verify(settings: *const Settings, offset: usize) Verdict {
        if (settings.config_version > layout.config_version_max) {
            return .at(.config_version, offset + @offsetOf(Settings, "config_version"));
        }
        if (!isTerminalMode(settings.terminal_mode)) {
            return .at(.terminal_mode, offset + @offsetOf(Settings, "terminal_mode"));
        }
        return .whole;
    }

    /// The record as text.
    pub fn toText(settings: *const Settings) [text_size]u8 {
        var bytes: [size]u8 = undefined;
        bytes[0..@sizeOf(Settings)].* = std.mem.toBytes(settings.*);
        bytes[@sizeOf(Settings)] = @truncate(settings.checksum());
        return std.fmt.bytesToHex(bytes, .lower);
    }
};

comptime {
    std.debug.assert(@import("builtin").cpu.arch.endian() == .little);
    std.debug.assert(@alignOf(Settings) == 1);
    std.debug.assert(@sizeOf(Settings) + 1 == size);
    struct_layout.check(Settings, layout.settings);
}

pub fn isTerminalMode(mode: u32) bool {
    return std.enums.fromInt(layout.TerminalMode, mode) != null;
}

/// Checks a record that travels alone.
pub fn verify(bytes: []const u8) Verdict {
    if (bytes.len != size) return .at(.record, 0);
    const settings: *const Settings = std.mem.bytesAsValue(Settings, bytes[0..@sizeOf(Settings)]);
    const check: u8 = @truncate(settings.checksum());
    if (bytes[@sizeOf(Settings)] != check) return .at(.check_byte, @sizeOf(Settings));
    return settings.verify(0);
}

/// The settings of a record's text, or null.
pub fn fromText(text: *const [text_size]u8) ?Settings {
    var bytes: [size]u8 = undefined;
    for (&bytes, 0..) |*byte, index| {
        const high = digitOf(text[2 * index]) orelse return null;
        const low = digitOf(text[2 * index + 1]) orelse return null;
        byte.* = @as(u8, high) << 4 | low;
    }
    if (verify(&bytes).fault != .none) return null;
    return std.mem.bytesToValue(Settings, bytes[0..@sizeOf(Settings)]);
}

/// Lower-case hex.
fn digitOf(character: u8) ?u4 {
    return switch (character) {
        '0'...'9' => @intCast(character - '0'),
        'a'...'f' => @intCast(character - 'a' + 10),
        else => null,
    };
}

test "the golden record, as text and back" {
    const golden: Settings = .{
        .config_version = 1,
        .registry_hash = 0xc8c87440,
        .feature_flags = 4,
        .terminal_mode = 1,
        .rows = 24,
        .cols = 80,
    };
    const text = golden.toText();
    try std.testing.expectEqualStrings("014074c8c80400000001185099", &text);
    try std.testing.expectEqual(golden, fromText(&text));
    var other = text;
    other[text_size - 1] = '8';
    try std.testing.expectEqual(null, fromText(&other));
}
