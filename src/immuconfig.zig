//! The record and its 104-byte header, read and written (docs/format.md). The root module of
//! the native core: no libc, no allocation but for the list in bundler_inputs.zig, and bytes from
//! outside give a `Verdict`, never a panic.

const std = @import("std");

pub const body = @import("format/body.zig");
pub const bundler_inputs = @import("bundle/build/input_observer.zig");
pub const crc64 = @import("base/crc64.zig");
pub const fault = @import("format/fault.zig");
pub const features = @import("format/flags.zig");
pub const live_map = @import("live/mapping.zig");
pub const meta = @import("format/meta.zig");
pub const pins = @import("runtime/pin.zig");
pub const plain_source = @import("bundle/source/fast_scan/plain_source.zig");
pub const registry = @import("format/registry_url.zig");
pub const project_file = @import("store/find.zig");
pub const terminal = @import("native/terminal.zig");
pub const view = @import("runtime/fast_read.zig");

const Fault = fault.Fault;
const Verdict = fault.Verdict;

/// Of the C ABI (src/ffi/config.zig).
pub const abi_version: u32 = 4;

pub const header_size = 104;
pub const settings_size = 12;
/// The settings and their check byte.
pub const record_size = 13;
pub const config_version_max = 1;
pub const terminal_mode_max = 3;
pub const state_frozen: u32 = 1;
pub const file_size_max = header_size + body.body_size_max;

const file_magic = "BUN1";

/// Bytes 4..15.
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

    fn verify(settings: *const Settings, offset: usize) Verdict {
        if (settings.config_version > config_version_max) {
            return .at(.config_version, offset + @offsetOf(Settings, "config_version"));
        }
        if (settings.terminal_mode > terminal_mode_max) {
            return .at(.terminal_mode, offset + @offsetOf(Settings, "terminal_mode"));
        }
        return .whole;
    }
};

pub const Header = extern struct {
    magic: [4]u8,
    settings: Settings,
    checksum: u64 align(1),
    generation: u32 align(1),
    state: u32 align(1),
    /// All zero: the file is unsigned.
    key_id: [8]u8,
    seal: [64]u8,

    pub fn isSigned(header: *const Header) bool {
        return !std.mem.allEqual(u8, &header.key_id, 0);
    }

    /// What the seal covers besides the body: bytes 0..39.
    fn sealed(header: *const Header) []const u8 {
        return std.mem.asBytes(header)[0..@offsetOf(Header, "seal")];
    }
};

comptime {
    const assert = std.debug.assert;
    assert(@import("builtin").cpu.arch.endian() == .little);
    assert(@sizeOf(Settings) == settings_size);
    assert(@sizeOf(Header) == header_size);
    assert(@alignOf(Header) == 1);
    const offsets = .{
        .magic = 0,
        .settings = 4,
        .checksum = 16,
        .generation = 24,
        .state = 28,
        .key_id = 32,
        .seal = 40,
    };
    for (@typeInfo(Header).@"struct".fields) |field| {
        assert(@offsetOf(Header, field.name) == @field(offsets, field.name));
    }
    const settings_offsets = .{
        .config_version = 4,
        .registry_hash = 5,
        .feature_flags = 9,
        .terminal_mode = 13,
        .rows = 14,
        .cols = 15,
    };
    for (@typeInfo(Settings).@"struct".fields) |field| {
        const offset = @offsetOf(Header, "settings") + @offsetOf(Settings, field.name);
        assert(offset == @field(settings_offsets, field.name));
    }
}

/// A whole file after its check. `header`, `flags` and `meta` point into its bytes.
pub const Checked = struct {
    verdict: Verdict,
    header: ?*const Header = null,
    flags: []const features.Entry = &.{},
    meta: ?[]const u8 = null,
};

/// Checks a whole file: the header, its seal where the file is unsigned, and the body. Of a
/// signed file only the structure is checked, and the verdict says so.
pub fn verify(bytes: []const u8) Checked {
    const verdict = verifyHeader(bytes);
    if (verdict.fault != .none) return .{ .verdict = verdict };
    const header: *const Header = std.mem.bytesAsValue(Header, bytes[0..header_size]);
    const signed = header.isSigned();
    const rest = bytes[header_size..];
    if (rest.len > body.body_size_max) {
        return .{ .verdict = .at(.body, header_size + body.body_size_max) };
    }
    if (!signed) {
        const seal = verifyUnsignedSeal(header, rest);
        if (seal.fault != .none) return .{ .verdict = seal };
    }
    var checked = body.verify(rest);
    checked.verdict.signed = @intFromBool(signed);
    return .{
        .verdict = checked.verdict,
        .header = header,
        .flags = checked.flags,
        .meta = checked.meta,
    };
}

/// Checks all that a header says of itself; its seal needs the body.
pub fn verifyHeader(bytes: []const u8) Verdict {
    if (bytes.len < header_size) return .at(.header, bytes.len);
    const header: *const Header = std.mem.bytesAsValue(Header, bytes[0..header_size]);
    if (!std.mem.eql(u8, &header.magic, file_magic)) return .at(.magic, 0);
    const settings = header.settings.verify(@offsetOf(Header, "settings"));
    if (settings.fault != .none) return settings;
    if (header.checksum != header.settings.checksum()) {
        return .at(.checksum, @offsetOf(Header, "checksum"));
    }
    if (header.state & ~state_frozen != 0) return .at(.state, @offsetOf(Header, "state"));
    return .whole;
}

/// Checks a record that travels alone.
pub fn verifyRecord(bytes: []const u8) Verdict {
    if (bytes.len != record_size) return .at(.record, 0);
    const settings: *const Settings = std.mem.bytesAsValue(Settings, bytes[0..settings_size]);
    const check: u8 = @truncate(settings.checksum());
    if (bytes[settings_size] != check) return .at(.check_byte, settings_size);
    return settings.verify(0);
}

fn verifyUnsignedSeal(header: *const Header, rest: []const u8) Verdict {
    const stored = std.mem.readInt(u64, header.seal[0..8], .little);
    if (stored != unsignedSeal(header, rest)) return .at(.seal, @offsetOf(Header, "seal"));
    for (header.seal[8..], 8..) |byte, index| {
        if (byte != 0) return .at(.seal, @offsetOf(Header, "seal") + index);
    }
    return .whole;
}

fn unsignedSeal(header: *const Header, rest: []const u8) u64 {
    return crc64.extend(crc64.checksum(header.sealed()), rest);
}

/// What the caller decides about a header; the rest of it follows.
pub const Fields = extern struct {
    registry_hash: u32,
    feature_flags: u32,
    generation: u32,
    /// 0 or 1.
    frozen: u32,
    config_version: u8,
    terminal_mode: u8,
    rows: u8,
    cols: u8,
};

/// Writes the header of an unsigned file whose body is `rest`.
pub fn encode(fields: *const Fields, rest: []const u8, out: *Header) Fault {
    if (fields.config_version > config_version_max) return .config_version;
    if (fields.terminal_mode > terminal_mode_max) return .terminal_mode;
    if (fields.frozen > 1) return .state;
    if (rest.len > body.body_size_max) return .body;
    const settings: Settings = .{
        .config_version = fields.config_version,
        .registry_hash = fields.registry_hash,
        .feature_flags = fields.feature_flags,
        .terminal_mode = fields.terminal_mode,
        .rows = fields.rows,
        .cols = fields.cols,
    };
    out.* = .{
        .magic = file_magic.*,
        .settings = settings,
        .checksum = settings.checksum(),
        .generation = fields.generation,
        .state = if (fields.frozen == 1) state_frozen else 0,
        .key_id = @splat(0),
        .seal = @splat(0),
    };
    std.mem.writeInt(u64, out.seal[0..8], unsignedSeal(out, rest), .little);
    return .none;
}

/// A broken assertion is our own bug: stop at once. Without this the standard library's stack
/// traces would be most of the library.
pub const panic = std.debug.no_panic;

comptime {
    if (@import("root") == @This()) _ = @import("ffi/config.zig");
}

test {
    std.testing.refAllDecls(@This());
    _ = @import("ffi/config.zig");
    _ = @import("native/core/process_record.zig");
    _ = @import("bundle/source/fast_scan/lexer_test.zig");
    _ = @import("format/vectors_test.zig");
}
