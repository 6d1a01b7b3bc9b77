//! The spawn pin (docs/format.md, "Spawn pin"): what a parent process said in `IMMUCONFIG_PIN`, and
//! what this one says to its children.
//!
//! Judged is the form that immuconfig itself writes for paths without `%` and `,`. Null, here too,
//! means that this reader cannot say.

const std = @import("std");
const layout = @import("../format/generated/layout.zig");
const setter = @import("setter.zig");
const Record = @import("../format/record.zig").Record;

/// Stands where it is not known who set a pin.
const nobody = "-";

pub const Pins = struct {
    /// The variable's text, whose entries are all valid.
    text: []const u8,
    /// Who set each of them; empty where that is not known.
    setters: []const u8,
    /// The record that binds the file.
    bound: ?Record,
    is_off: bool,

    /// Writes the variable's value for children: the entries of other files, then this file's.
    /// Nothing when pins are switched off.
    pub fn writeForChildren(
        pins: Pins,
        path: []const u8,
        record: *const Record,
        writer: *std.Io.Writer,
    ) std.Io.Writer.Error!void {
        if (pins.is_off) return;
        var entries = std.mem.splitScalar(u8, pins.text, ',');
        while (entries.next()) |entry| {
            if (entry.len == 0 or std.mem.eql(u8, pathOf(entry), path)) continue;
            try writer.print("{s},", .{entry});
        }
        try record.writeText(writer);
        try writer.print("@{s}", .{path});
    }

    /// Writes who set each of those entries. What came from above stays whose it was.
    pub fn writeSetters(
        pins: Pins,
        path: []const u8,
        writer: *std.Io.Writer,
    ) std.Io.Writer.Error!void {
        var room: [setter.size_max]u8 = undefined;
        var own: []const u8 = setter.own(&room) orelse nobody;
        var entries = std.mem.splitScalar(u8, pins.text, ',');
        var setters = std.mem.splitScalar(u8, pins.setters, ',');
        while (entries.next()) |entry| {
            if (entry.len == 0) continue;
            const by = if (pins.setters.len == 0) nobody else setters.next() orelse nobody;
            if (std.mem.eql(u8, pathOf(entry), path)) own = by else try writer.print("{s},", .{by});
        }
        try writer.writeAll(own);
    }
};

/// Reads the variables' texts for the file at `path`, an absolute one without symbolic links.
pub fn read(text: []const u8, setters: []const u8, path: []const u8) ?Pins {
    var pins: Pins = .{
        .text = text,
        .setters = "",
        .bound = null,
        .is_off = std.mem.eql(u8, text, layout.pin_off),
    };
    if (std.mem.indexOfAny(u8, path, "%,") != null) return null;
    if (text.len == 0 or pins.is_off) return pins;
    var entries = std.mem.splitScalar(u8, text, ',');
    var others: usize = 0;
    while (entries.next()) |entry| {
        const record = readEntry(entry) orelse return null;
        if (isRepeated(text, entry)) return null;
        if (std.mem.eql(u8, pathOf(entry), path)) pins.bound = record else others += 1;
        // With this file's own, a child may hold no more than the maximum.
        if (others >= layout.pin_count_max) return null;
    }
    if (setters.len > 0) {
        if (!areSetters(setters, std.mem.countScalar(u8, text, ',') + 1)) return null;
        pins.setters = setters;
    }
    return pins;
}

/// Whether there are so many, each as setter.zig writes it or `nobody`.
fn areSetters(text: []const u8, count: usize) bool {
    if (std.mem.countScalar(u8, text, ',') + 1 != count) return false;
    var setters = std.mem.splitScalar(u8, text, ',');
    while (setters.next()) |one| {
        if (std.mem.eql(u8, one, nobody)) continue;
        const dot = std.mem.indexOfScalar(u8, one, '.') orelse return false;
        if (one.len >= setter.size_max) return false;
        if (!isNumber(one[0..dot]) or !isNumber(one[dot + 1 ..])) return false;
    }
    return true;
}

fn isNumber(text: []const u8) bool {
    if (text.len == 0) return false;
    for (text) |byte| if (!std.ascii.isDigit(byte)) return false;
    return true;
}

fn readEntry(entry: []const u8) ?Record {
    const at = std.mem.indexOfScalar(u8, entry, '@') orelse return null;
    const path = entry[at + 1 ..];
    if (path.len == 0 or path[0] != '/' or std.mem.indexOfScalar(u8, path, '%') != null) return null;
    return .fromText(entry[0..at]);
}

/// Empty where there is none.
fn pathOf(entry: []const u8) []const u8 {
    const at = std.mem.indexOfScalar(u8, entry, '@') orelse return "";
    return entry[at + 1 ..];
}

/// Whether another valid entry is for the same file.
fn isRepeated(text: []const u8, entry: []const u8) bool {
    var entries = std.mem.splitScalar(u8, text, ',');
    while (entries.next()) |other| {
        if (other.ptr == entry.ptr) continue;
        if (std.mem.eql(u8, pathOf(other), pathOf(entry))) return true;
    }
    return false;
}

const testing = std.testing;
const record_text = "014074c8c80400000001185099";

fn forChildren(text: []const u8) ![]const u8 {
    const State = struct {
        var buffer: [1024]u8 = undefined;
    };
    var writer: std.Io.Writer = .fixed(&State.buffer);
    const pins = read(text, "", "/a/b").?;
    try pins.writeForChildren("/a/b", &Record.fromText(record_text).?, &writer);
    return writer.buffered();
}

test "a pin for this file binds it, and others are handed on" {
    const own = record_text ++ "@/a/b";
    const other = record_text ++ "@/a/c";
    try testing.expectEqual(null, read("", "", "/a/b").?.bound);
    try testing.expectEqual(null, read(other, "", "/a/b").?.bound);
    try testing.expectEqual(4, read(other ++ "," ++ own, "", "/a/b").?.bound.?.settings.feature_flags);
    const wide = record_text ++ ".01000000@/a/b";
    try testing.expect(read(wide, "", "/a/b").?.bound.?.flags.isOn(32));
    try testing.expectEqualStrings(own, try forChildren(""));
    try testing.expectEqualStrings(own, try forChildren(own));
    try testing.expectEqualStrings(other ++ "," ++ own, try forChildren(own ++ "," ++ other));
    try testing.expectEqualStrings("", try forChildren("off"));
}

fn settersFor(text: []const u8, setters: []const u8) ![]const u8 {
    const State = struct {
        var buffer: [1024]u8 = undefined;
    };
    var writer: std.Io.Writer = .fixed(&State.buffer);
    try read(text, setters, "/a/b").?.writeSetters("/a/b", &writer);
    return writer.buffered();
}

test "who set an entry is handed on with it" {
    const own = record_text ++ "@/a/b";
    const other = record_text ++ "@/a/c";
    try testing.expectEqualStrings("7.8", try settersFor(own, "7.8"));
    try testing.expectEqualStrings("-,7.8", try settersFor(own ++ "," ++ other, "7.8,-"));
    try testing.expectEqualStrings("-", try settersFor(own, ""));
    const new = try settersFor(other, "7.8");
    try testing.expect(std.mem.startsWith(u8, new, "7.8,") and new.len > 4);
    for ([_][]const u8{ "7", "7.", ".8", "7.8x", "7.8,9.10", "-,", "x" }) |setters| {
        try testing.expectEqual(null, read(own, setters, "/a/b"));
    }
}

test "what cannot be judged" {
    const refused = [_][]const u8{
        record_text,
        record_text ++ "@",
        record_text ++ "@b",
        record_text ++ "@/a%25",
        record_text ++ "@/a/b,",
        record_text ++ "@/a," ++ record_text ++ "@/a",
        record_text ++ ".@/a/b",
        record_text ++ ".00000000@/a/b",
        "014074c8c80400000001185098@/a/b",
        "014074C8C80400000001185099@/a/b",
        "off,off",
        "x",
    };
    for (refused) |text| try testing.expectEqual(null, read(text, "", "/a/b"));
    try testing.expectEqual(null, read("", "", "/a,b"));
    const entry = "," ++ record_text ++ "@/";
    try testing.expect(read((entry ++ "1" ++ entry ++ "2")[1..], "", "/a/b") != null);
    comptime var many: []const u8 = "";
    inline for (0..16) |index| many = many ++ entry ++ .{'a' + index};
    try testing.expectEqual(null, read(many[1..], "", "/a/b"));
}
