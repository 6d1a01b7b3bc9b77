//! The record as programs see it, found, read, verified and written as JSON in one call: a
//! JavaScript program that has just started pays for every function that it runs for the first
//! time, and here it runs none.
//!
//! The members of `config` and their order are those of `snapshot` in src/runtime/snapshot.ts. A
//! test compares the two.

const std = @import("std");
const file_module = @import("../format/file.zig");
const environment = @import("environment.zig");
const find = @import("../store/find.zig");
const flags_module = @import("../format/flags.zig");
const layout = @import("../format/generated/layout.zig");
const meta_module = @import("../format/meta.zig");
const pins_module = @import("pin.zig");
const store_read = @import("../store/read.zig");
const Header = @import("../format/header.zig").Header;
const Meta = meta_module.Meta;
const Pins = pins_module.Pins;
const Record = @import("../format/record.zig").Record;
const Writer = std.Io.Writer;

/// What a view depends on besides the disk.
pub const Request = struct {
    find: find.Request,
    /// The value of `IMMUCONFIG_PIN`.
    pin: []const u8,
    /// The value of `IMMUCONFIG_PIN_SETTERS`.
    setters: []const u8,
    /// The user's file of trusted keys, absolute; empty for a user without a home.
    trust: []const u8,
};

/// Bytes of a view: what `layout.flag_count_max` flags with the longest names need, and some pins.
pub const view_size_max = 256 * 1024;

/// Writes the view to the start of `out` and returns it; the rest of `out` is room for the file.
/// Null when there is no valid, unsigned file, anything about it is not plain, or somebody trusts
/// keys on this machine: the TypeScript codec then says what.
pub fn write(request: Request, out: []u8) ?[]const u8 {
    const file_at = view_size_max + store_read.path_size_max;
    if (out.len < file_at) return null;
    const room: store_read.Room = .{
        .path = out[view_size_max..file_at],
        .bytes = out[file_at..],
    };
    if (!environment.isFromStart(request.find.variables, request.find.cwd, room)) return null;
    if (!store_read.trustsNobody(request.trust, room)) return null;
    const found = find.read(request.find, room) orelse return null;
    const checked = file_module.verify(found.bytes);
    if (checked.verdict.fault != .none or checked.verdict.signed != 0) return null;
    const header = checked.header orelse return null;
    const pins = pins_module.read(request.pin, request.setters, found.path) orelse return null;
    const own: Record = .of(header.settings, checked.bits);
    const record = pins.bound orelse own;
    // Who set the pin decides then, and whether that may be (pin.ts).
    if (header.isFrozen() and !std.meta.eql(record, own)) return null;
    var meta: Meta = .{};
    if (checked.meta) |payload| {
        const file: meta_module.File = .{
            .flags = checked.flags,
            .registry_hash = header.settings.registry_hash,
        };
        if (!meta_module.read(payload, file, record.settings.registry_hash, &meta)) return null;
    }
    if (!isPlainText(found.path) or !isPlainText(request.pin)) return null;

    var writer: Writer = .fixed(out[0..view_size_max]);
    writeView(.{
        .header = header,
        .record = record,
        .is_current = std.meta.eql(record, own),
        .flags = checked.flags,
        .meta = &meta,
        .pins = pins,
        .path = found.path,
    }, &writer) catch return null;
    return writer.buffered();
}

/// Text that stands for itself in JSON.
fn isPlainText(text: []const u8) bool {
    for (text) |byte| if (byte < 0x20 or byte == '"' or byte == '\\') return false;
    return std.unicode.utf8ValidateSlice(text);
}

const View = struct {
    header: *const Header,
    /// The file's, or that of a pin.
    record: Record,
    /// It is the file's, or the same.
    is_current: bool,
    flags: []const flags_module.Entry,
    meta: *const Meta,
    pins: Pins,
    path: []const u8,
};

fn writeView(view: View, writer: *Writer) Writer.Error!void {
    const settings = &view.record.settings;
    try writer.writeAll("{\"config\":{");
    try writer.print("\"version\":{d},", .{settings.config_version});
    try writeFeatures(view, writer);
    try writeRegistry(view, writer);
    try writer.print("\"terminal\":{{\"mode\":\"{s}\",\"rows\":{d},\"cols\":{d}}},", .{
        @tagName(@as(layout.TerminalMode, @enumFromInt(settings.terminal_mode))),
        settings.rows,
        settings.cols,
    });
    try writer.writeAll("\"record\":\"");
    try view.record.writeText(writer);
    if (view.is_current) {
        try writer.print("\",\"generation\":{d}}},", .{view.header.generation});
    } else {
        try writer.writeAll("\",\"generation\":null},");
    }
    try writer.print("\"frozen\":{},\"pinned\":{},", .{
        view.header.isFrozen(),
        view.pins.bound != null,
    });
    try writer.print("\"path\":\"{s}\",\"pin\":", .{view.path});
    if (view.pins.is_off) {
        try writer.writeAll("null,");
    } else {
        try writer.writeAll("{\"text\":\"");
        try view.pins.writeForChildren(view.path, &view.record, writer);
        try writer.writeAll("\",\"setters\":\"");
        try view.pins.writeSetters(view.path, writer);
        try writer.writeAll("\"},");
    }
    try writeFlags(view, writer);
    try writer.writeAll("}");
}

/// Every flag that programs may ask for. A retired one is left out, unless it is still on.
fn writeFeatures(view: View, writer: *Writer) Writer.Error!void {
    try writer.writeAll("\"features\":{");
    var is_first = true;
    for (view.flags) |*entry| {
        const enabled = view.record.flags.isOn(entry.bit);
        if (!enabled and view.meta.retired.isOn(entry.bit)) continue;
        try writer.print("{s}\"{s}\":{}", .{ if (is_first) "" else ",", entry.nameText(), enabled });
        is_first = false;
    }
    try writer.writeAll("},");
}

fn writeRegistry(view: View, writer: *Writer) Writer.Error!void {
    const hash = view.record.settings.registry_hash;
    if (view.meta.registry_url) |url| {
        try writer.print("\"registry\":{{\"url\":\"{s}\",\"hash\":\"{x:0>8}\"}},", .{ url, hash });
    } else {
        try writer.print("\"registry\":{{\"url\":null,\"hash\":\"{x:0>8}\"}},", .{hash});
    }
}

/// The flag table, with what a build must know of each flag.
fn writeFlags(view: View, writer: *Writer) Writer.Error!void {
    try writer.writeAll("\"flags\":[");
    for (view.flags, 0..) |*entry, index| {
        if (index > 0) try writer.writeAll(",");
        try writer.print("{{\"bit\":{d},\"name\":\"{s}\"", .{ entry.bit, entry.nameText() });
        if (view.meta.retired.isOn(entry.bit)) try writer.writeAll(",\"retired\":true");
        if (view.meta.expires[entry.bit]) |date| try writer.print(",\"expires\":\"{s}\"", .{date});
        try writer.writeAll("}");
    }
    try writer.writeAll("]");
}
