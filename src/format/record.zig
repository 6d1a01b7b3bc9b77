//! The 13-byte record (docs/format.md, "Record"): twelve bytes of settings and a check byte, and
//! the flags that have no room there.

const std = @import("std");
const crc64 = @import("../base/crc64.zig");
const layout = @import("generated/layout.zig");
const struct_layout = @import("../base/struct_layout.zig");
const flag_set = @import("flag_set.zig");
const FlagSet = flag_set.FlagSet;
const Verdict = @import("fault.zig").Verdict;

/// The settings and their check byte.
pub const size = layout.record_size;
/// Of the settings and their check byte as text.
const settings_text_size = 2 * size;

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

/// A record with all of its flags.
pub const Record = struct {
    settings: Settings,
    flags: FlagSet,

    /// `bits` is the checked payload of section `bits`.
    pub fn of(settings: Settings, bits: []const u8) Record {
        return .{ .settings = settings, .flags = .of(settings.feature_flags, bits) };
    }

    /// Writes the text form: hex digits; where flags from 32 on are on, `.` and theirs.
    pub fn writeText(record: *const Record, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        var bytes: [size]u8 = undefined;
        bytes[0..@sizeOf(Settings)].* = std.mem.toBytes(record.settings);
        bytes[@sizeOf(Settings)] = @truncate(record.settings.checksum());
        try writer.print("{x}", .{&bytes});
        const bits = record.flags.bitsPayload();
        if (bits.len > 0) try writer.print(".{x}", .{bits});
    }

    /// The record of a text, or null.
    pub fn fromText(text: []const u8) ?Record {
        if (text.len < settings_text_size) return null;
        var bytes: [size]u8 = undefined;
        if (!readHex(text[0..settings_text_size], &bytes)) return null;
        if (verify(&bytes).fault != .none) return null;
        const settings = std.mem.bytesToValue(Settings, bytes[0..@sizeOf(Settings)]);
        if (text.len == settings_text_size) return .of(settings, "");

        const hex = text[settings_text_size + 1 ..];
        var bits: [flag_set.bits_size_max]u8 = undefined;
        if (text[settings_text_size] != '.' or hex.len > 2 * bits.len) return null;
        const payload = bits[0 .. hex.len / 2];
        if (!readHex(hex, payload)) return null;
        if (flag_set.verifyBits(payload, 0).fault != .none) return null;
        return .of(settings, payload);
    }
};

/// False unless `text` is two lower-case hex digits for each byte of `out`.
fn readHex(text: []const u8, out: []u8) bool {
    if (text.len != 2 * out.len) return false;
    for (out, 0..) |*byte, index| {
        const high = digitOf(text[2 * index]) orelse return false;
        const low = digitOf(text[2 * index + 1]) orelse return false;
        byte.* = @as(u8, high) << 4 | low;
    }
    return true;
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
    const text = "014074c8c80400000001185099";
    for ([_][]const u8{ text, text ++ ".00000000" ++ "01000080" }) |wanted| {
        const record = Record.fromText(wanted).?;
        try std.testing.expectEqual(golden, record.settings);
        var room: [64]u8 = undefined;
        var writer: std.Io.Writer = .fixed(&room);
        try record.writeText(&writer);
        try std.testing.expectEqualStrings(wanted, writer.buffered());
    }
    try std.testing.expect(Record.fromText(text ++ ".00000000" ++ "01000080").?.flags.isOn(64));
    const refused = [_][]const u8{
        text[0..25],
        text[0..25] ++ "8",
        text ++ ".",
        text ++ "01000000",
        text ++ ".0100000",
        text ++ ".00000000",
        text ++ ".010000000",
        text ++ ".0100000A",
        text ++ "." ++ "01" ** 128,
    };
    for (refused) |other| try std.testing.expectEqual(null, Record.fromText(other));
}
