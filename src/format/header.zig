//! The 104-byte header (docs/format.md, "Header").

const std = @import("std");
const crc64 = @import("../base/crc64.zig");
const layout = @import("generated/layout.zig");
const record = @import("record.zig");
const struct_layout = @import("../base/struct_layout.zig");
const Fault = @import("fault.zig").Fault;
const Settings = record.Settings;
const Verdict = @import("fault.zig").Verdict;

pub const size = layout.header.size;

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

    pub fn isFrozen(header: *const Header) bool {
        return header.state & layout.state_frozen != 0;
    }

    /// The seal of an unsigned file: the checksum of bytes 0..39 and the body.
    fn unsignedSeal(header: *const Header, body: []const u8) u64 {
        const sealed = std.mem.asBytes(header)[0..@offsetOf(Header, "seal")];
        return crc64.extend(crc64.checksum(sealed), body);
    }

    pub fn verifyUnsignedSeal(header: *const Header, body: []const u8) Verdict {
        const stored = std.mem.readInt(u64, header.seal[0..8], .little);
        if (stored != header.unsignedSeal(body)) return .at(.seal, @offsetOf(Header, "seal"));
        for (header.seal[8..], 8..) |byte, index| {
            if (byte != 0) return .at(.seal, @offsetOf(Header, "seal") + index);
        }
        return .whole;
    }
};

comptime {
    std.debug.assert(@alignOf(Header) == 1);
    struct_layout.check(Header, layout.header);
}

/// The header at the start of a file that is long enough.
pub fn of(bytes: []const u8) *const Header {
    return std.mem.bytesAsValue(Header, bytes[0..size]);
}

/// Checks all that a header says of itself; its seal needs the body.
pub fn verify(bytes: []const u8) Verdict {
    if (bytes.len < size) return .at(.header, bytes.len);
    const header = of(bytes);
    if (!std.mem.eql(u8, &header.magic, layout.file_magic)) return .at(.magic, 0);
    const settings = header.settings.verify(@offsetOf(Header, "settings"));
    if (settings.fault != .none) return settings;
    if (header.checksum != header.settings.checksum()) {
        return .at(.checksum, @offsetOf(Header, "checksum"));
    }
    if (header.state & ~@as(u32, layout.state_frozen) != 0) {
        return .at(.state, @offsetOf(Header, "state"));
    }
    return .whole;
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

comptime {
    struct_layout.check(Fields, layout.fields);
}

/// Writes the header of an unsigned file whose body is given.
pub fn encode(fields: *const Fields, body: []const u8, out: *Header) Fault {
    const settings: Settings = .{
        .config_version = fields.config_version,
        .registry_hash = fields.registry_hash,
        .feature_flags = fields.feature_flags,
        .terminal_mode = fields.terminal_mode,
        .rows = fields.rows,
        .cols = fields.cols,
    };
    const verdict = settings.verify(0);
    if (verdict.fault != .none) return verdict.fault;
    if (fields.frozen > 1) return .state;
    if (body.len > layout.body_size_max) return .body;
    out.* = .{
        .magic = layout.file_magic.*,
        .settings = settings,
        .checksum = settings.checksum(),
        .generation = fields.generation,
        .state = if (fields.frozen == 1) layout.state_frozen else 0,
        .key_id = @splat(0),
        .seal = @splat(0),
    };
    std.mem.writeInt(u64, out.seal[0..8], out.unsignedSeal(body), .little);
    return .none;
}
