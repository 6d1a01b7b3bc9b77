//! The body of a file: package records, then sections. Checked here: the packages, the framing
//! and the order of the sections, and sections `bits`, `flag` and `sigs`. The JSON inside `meta` is not.

const std = @import("std");
const cosignatures = @import("cosignatures.zig");
const flag_set = @import("flag_set.zig");
const flags = @import("flags.zig");
const layout = @import("generated/layout.zig");
const Verdict = @import("fault.zig").Verdict;

const package_size = layout.package_record_size;
const tag_size = 4;
/// A tag and a length.
const section_head_size = layout.section_head_size;

/// Where the body starts in the file, for offsets.
const body_at = layout.header.size;

/// What is left of a body after its check.
pub const Checked = struct {
    verdict: Verdict,
    /// The payload of section `bits`; empty as `flags` is.
    bits: []const u8 = &.{},
    /// Section `flag`, in place; empty when there is none or the body is not whole.
    flags: []const flags.Entry = &.{},
    /// The payload of section `meta`, unread (meta.zig).
    meta: ?[]const u8 = null,
};

const Section = struct {
    tag: *const [tag_size]u8,
    payload: []const u8,
    /// Of the section, in the file.
    offset: usize,
};

/// `is_signed`: the header has a signature. `body` is at most `layout.body_size_max` bytes long.
pub fn verify(body: []const u8, is_signed: bool) Checked {
    if (body.len < 4) return refused(.at(.package_count, body_at));
    const package_count = std.mem.readInt(u32, body[0..4], .little);
    if (package_count > layout.package_count_max) return refused(.at(.package_count, body_at));
    const packages_size = package_count * package_size;
    if (packages_size > body.len - 4) return refused(.at(.packages, body_at + 4));
    const packages = body[4..][0..packages_size];
    const order = verifyPackages(packages);
    if (order.fault != .none) return refused(order);
    // Framing first, over all sections: each is read when all are known to be there.
    const framing = verifyFraming(body, 4 + packages_size);
    if (framing.fault != .none) return refused(framing);
    return verifySections(body, 4 + packages_size, is_signed);
}

fn refused(verdict: Verdict) Checked {
    return .{ .verdict = verdict };
}

/// Strictly ascending, byte by byte.
fn verifyPackages(packages: []const u8) Verdict {
    var at: usize = package_size;
    while (at < packages.len) : (at += package_size) {
        const before = packages[at - package_size ..][0..package_size];
        const package = packages[at..][0..package_size];
        if (std.mem.order(u8, before, package) != .lt) {
            return .at(.packages, body_at + 4 + at);
        }
    }
    return .whole;
}

fn verifyFraming(body: []const u8, start: usize) Verdict {
    var previous: [tag_size]u8 = @splat(0);
    var at = start;
    var count: usize = 0;
    while (at < body.len) : (count += 1) {
        const offset = body_at + at;
        const rest = body[at..];
        if (count == layout.section_count_max) return .at(.sections, offset);
        if (rest.len < section_head_size) return .at(.section, offset);
        if (!isTag(rest[0..tag_size])) return .at(.section_tag, offset);
        const length = std.mem.readInt(u32, rest[tag_size..section_head_size], .little);
        if (length > rest.len - section_head_size) {
            return .at(.section_length, offset + tag_size);
        }
        if (std.mem.order(u8, &previous, rest[0..tag_size]) != .lt) {
            return .at(.section_tag, offset);
        }
        previous = rest[0..tag_size].*;
        at += section_head_size + length;
    }
    return .whole;
}

/// Goes through sections whose framing is checked.
fn verifySections(body: []const u8, start: usize, is_signed: bool) Checked {
    var checked: Checked = .{ .verdict = .whole };
    var at = start;
    while (at < body.len) {
        const section = readSection(body, at);
        const payload_offset = section.offset + section_head_size;
        if (std.mem.eql(u8, section.tag, layout.bits_tag)) {
            const verdict = flag_set.verifyBits(section.payload, payload_offset);
            if (verdict.fault != .none) return refused(verdict);
            checked.bits = section.payload;
        } else if (std.mem.eql(u8, section.tag, layout.flag_tag)) {
            const verdict = flags.verify(section.payload, payload_offset);
            if (verdict.fault != .none) return refused(verdict);
            checked.flags = flags.entriesOf(section.payload);
        } else if (std.mem.eql(u8, section.tag, layout.meta_tag)) {
            checked.meta = section.payload;
        } else if (std.mem.eql(u8, section.tag, layout.signatures_tag)) {
            const verdict = cosignatures.verify(section.payload, payload_offset);
            if (verdict.fault != .none) return refused(verdict);
            if (!is_signed) return refused(.at(.sigs, payload_offset));
        } else if (isRequired(section.tag)) {
            return refused(.at(.section_tag, section.offset));
        }
        at += section_head_size + section.payload.len;
    }
    return checked;
}

fn readSection(body: []const u8, at: usize) Section {
    const length = std.mem.readInt(u32, body[at + tag_size ..][0..4], .little);
    return .{
        .tag = body[at..][0..tag_size],
        .payload = body[at + section_head_size ..][0..length],
        .offset = body_at + at,
    };
}

/// A reader that does not know a section with a lower-case first letter refuses the file.
fn isRequired(tag: *const [tag_size]u8) bool {
    return std.ascii.isLower(tag[0]);
}

/// Four ASCII letters or digits, the first a letter.
fn isTag(tag: *const [tag_size]u8) bool {
    if (!std.ascii.isAlphabetic(tag[0])) return false;
    for (tag[1..]) |byte| if (!std.ascii.isAlphanumeric(byte)) return false;
    return true;
}

const testing = std.testing;

test "framing" {
    const none = "\x00\x00\x00\x00";
    try testing.expectEqual(Verdict.whole, verify(none, false).verdict);
    try testing.expectEqual(Verdict.at(.package_count, 104), verify("\x00", false).verdict);
    try testing.expectEqual(Verdict.at(.package_count, 104), verify("\x00\x00\x00\xff", false).verdict);
    try testing.expectEqual(Verdict.at(.packages, 108), verify("\x01\x00\x00\x00", false).verdict);
    try testing.expectEqual(Verdict.at(.section, 108), verify(none ++ "x", false).verdict);

    const extension = "Abcd\x01\x00\x00\x00.";
    try testing.expectEqual(Verdict.whole, verify(none ++ extension, false).verdict);
    const twice = verify(none ++ extension ++ extension, false).verdict;
    try testing.expectEqual(Verdict.at(.section_tag, 117), twice);
    const unknown = verify(none ++ "abcd\x00\x00\x00\x00", false).verdict;
    try testing.expectEqual(Verdict.at(.section_tag, 108), unknown);
    const long = verify(none ++ "Abcd\xff\xff\xff\xff", false).verdict;
    try testing.expectEqual(Verdict.at(.section_length, 112), long);
    try testing.expectEqual(Verdict.whole, verify(none ++ "meta\x00\x00\x00\x00", false).verdict);
}

test "packages ascend" {
    const one: [32]u8 = @splat(1);
    const two: [32]u8 = @splat(2);
    const count = "\x02\x00\x00\x00".*;
    try testing.expectEqual(Verdict.whole, verify(&(count ++ one ++ two), false).verdict);
    const descending = verify(&(count ++ two ++ one), false).verdict;
    try testing.expectEqual(Verdict.at(.packages, 140), descending);
    const equal = verify(&(count ++ one ++ one), false).verdict;
    try testing.expectEqual(Verdict.at(.packages, 140), equal);
}
