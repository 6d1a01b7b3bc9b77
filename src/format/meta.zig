//! Section `meta` (docs/format.md), judged where one plain pass can be certain.
//!
//! The JSON has one canonical form, so most of it is compared and not parsed. False means that this
//! reader cannot say: the section may be wrong, or it holds an escape or a URL that only a full
//! parser can judge. It never accepts what the TypeScript codec refuses.

const std = @import("std");
const FlagSet = @import("flag_set.zig").FlagSet;
const flags = @import("flags.zig");
const layout = @import("generated/layout.zig");
const murmur3 = @import("../base/murmur3.zig").murmur3;
const registry_url = @import("registry_url.zig");

pub const Meta = struct {
    /// The URL that hashes to the wanted hash, the unscoped one before the others; a slice of the
    /// payload.
    registry_url: ?[]const u8 = null,
    /// The flags that are retired.
    retired: FlagSet = .{},
    /// The last day of each flag by bit; null where there is none. As slices of "" they would be a
    /// table of pointers, which the loader has to mend one by one at every start.
    expires: [layout.flag_count_max]?*const Date = @splat(null),
};

/// `YYYY-MM-DD`, in the payload.
pub const Date = [10]u8;

/// What the rest of the file says, with which the section must agree.
pub const File = struct {
    flags: []const flags.Entry,
    registry_hash: u32,
};

/// Reads a payload into `meta`, which is as a file without one has it. False when this reader cannot say.
///
/// `wanted_hash` is the hash of the registry to look for: the file's own, or that of a pin.
pub fn read(payload: []const u8, file: File, wanted_hash: u32, meta: *Meta) bool {
    if (!isPlain(payload)) return false;
    var reader: Reader = .{
        .text = payload,
        .file = file,
        .index = .of(file.flags),
        .wanted_hash = wanted_hash,
        .meta = meta,
    };
    reader.members(.meta) catch return false;
    return reader.at == payload.len;
}

/// UTF-8 in which every string stands for itself, and no byte drives a terminal.
fn isPlain(payload: []const u8) bool {
    for (payload, 0..) |byte, index| {
        if (byte < 0x20 or byte == '\\' or byte == 0x7f) return false;
        // U+0080 to U+009F are control characters, too.
        if (byte == 0xc2 and index + 1 < payload.len and payload[index + 1] < 0xa0) return false;
    }
    return std.unicode.utf8ValidateSlice(payload);
}

const Unsure = error{Unsure};

const Object = union(enum) { meta, bun, flags, flag: *const flags.Entry, registries, signed, upgrade };

const Reader = struct {
    text: []const u8,
    file: File,
    index: flags.Index,
    wanted_hash: u32,
    at: usize = 0,
    registry_count: usize = 0,
    meta: *Meta,

    /// An object of one member or more, in ascending order of their names.
    fn members(reader: *Reader, object: Object) Unsure!void {
        try reader.take('{');
        var previous: []const u8 = "";
        while (true) {
            const name = try reader.string();
            if (std.mem.order(u8, previous, name) != .lt) return error.Unsure;
            previous = name;
            try reader.take(':');
            try reader.member(object, name);
            if (!reader.takeIf(',')) break;
        }
        try reader.take('}');
    }

    fn member(reader: *Reader, object: Object, name: []const u8) Unsure!void {
        switch (object) {
            .meta => {
                const known = std.meta.stringToEnum(enum {
                    bun,
                    flags,
                    online,
                    project,
                    registries,
                    signed,
                    upgrade,
                }, name) orelse return error.Unsure;
                switch (known) {
                    .bun => try reader.members(.bun),
                    .flags => try reader.members(.flags),
                    .online => try reader.names(isKeyText),
                    .project => _ = try reader.textOf(layout.project_name_size_max),
                    .registries => try reader.members(.registries),
                    .signed => try reader.members(.signed),
                    .upgrade => try reader.members(.upgrade),
                }
            },
            .bun => {
                if (!std.mem.eql(u8, name, "minimum")) return error.Unsure;
                if (!isVersion(try reader.string())) return error.Unsure;
            },
            .flags => {
                const entry = reader.index.find(reader.file.flags, name) orelse
                    return error.Unsure;
                try reader.members(.{ .flag = entry });
            },
            .flag => |entry| try reader.flagMember(entry, name),
            .registries => try reader.scope(name),
            .signed => if (std.mem.eql(u8, name, "audience")) {
                try reader.names(isAudience);
            } else if (std.mem.eql(u8, name, "keys")) {
                try reader.names(isKeyText);
            } else if (std.mem.eql(u8, name, "expires")) {
                if (!isDate(try reader.string())) return error.Unsure;
            } else return error.Unsure,
            .upgrade => {
                if (!std.mem.eql(u8, name, "unsigned")) return error.Unsure;
                try reader.urls();
            },
        }
    }

    fn flagMember(reader: *Reader, entry: *const flags.Entry, name: []const u8) Unsure!void {
        const known = std.meta.stringToEnum(enum {
            description,
            expires,
            live,
            owner,
            retired,
        }, name) orelse return error.Unsure;
        switch (known) {
            .description => _ = try reader.textOf(layout.description_size_max),
            .expires => {
                const date = try reader.string();
                if (!isDate(date)) return error.Unsure;
                reader.meta.expires[entry.bit] = date[0..@sizeOf(Date)];
            },
            .live => {
                const rule = try reader.string();
                if (!std.mem.eql(u8, rule, "none") and !std.mem.eql(u8, rule, "off")) {
                    return error.Unsure;
                }
            },
            .owner => _ = try reader.textOf(layout.owner_size_max),
            .retired => {
                if (!std.mem.startsWith(u8, reader.text[reader.at..], "true")) return error.Unsure;
                reader.at += "true".len;
                reader.meta.retired.turnOn(entry.bit);
            },
        }
    }

    fn scope(reader: *Reader, name: []const u8) Unsure!void {
        const is_default = std.mem.eql(u8, name, layout.default_scope);
        if (!is_default and !isScope(name)) return error.Unsure;
        reader.registry_count += 1;
        if (reader.registry_count > layout.registry_count_max) return error.Unsure;
        const url = try reader.canonicalUrl();
        const hash = murmur3(url, 0);
        if (is_default and hash != reader.file.registry_hash) return error.Unsure;
        if (hash != reader.wanted_hash) return;
        if (is_default or reader.meta.registry_url == null) reader.meta.registry_url = url;
    }

    /// A list of one URL or more, ascending.
    fn urls(reader: *Reader) Unsure!void {
        try reader.take('[');
        var previous: []const u8 = "";
        for (0..layout.registry_count_max) |_| {
            const url = try reader.canonicalUrl();
            if (std.mem.order(u8, previous, url) != .lt) return error.Unsure;
            previous = url;
            if (!reader.takeIf(',')) return reader.take(']');
        }
        return error.Unsure;
    }

    /// A list of one name or more, ascending.
    fn names(reader: *Reader, comptime isName: fn ([]const u8) bool) Unsure!void {
        try reader.take('[');
        var previous: []const u8 = "";
        for (0..layout.signed_name_count_max) |_| {
            const name = try reader.string();
            if (!isName(name) or std.mem.order(u8, previous, name) != .lt) return error.Unsure;
            previous = name;
            if (!reader.takeIf(',')) return reader.take(']');
        }
        return error.Unsure;
    }

    fn canonicalUrl(reader: *Reader) Unsure![]const u8 {
        const url = try reader.string();
        var buffer: [registry_url.size_max]u8 = undefined;
        switch (registry_url.canonical(url, &buffer)) {
            .url => |canonical| if (std.mem.eql(u8, canonical, url)) return url,
            .fault => {},
        }
        return error.Unsure;
    }

    fn textOf(reader: *Reader, size_max: usize) Unsure![]const u8 {
        const text = try reader.string();
        return if (text.len >= 1 and text.len <= size_max) text else error.Unsure;
    }

    fn string(reader: *Reader) Unsure![]const u8 {
        try reader.take('"');
        const start = reader.at;
        const end = std.mem.indexOfScalarPos(u8, reader.text, start, '"') orelse
            return error.Unsure;
        reader.at = end + 1;
        return reader.text[start..end];
    }

    fn take(reader: *Reader, character: u8) Unsure!void {
        if (!reader.takeIf(character)) return error.Unsure;
    }

    fn takeIf(reader: *Reader, character: u8) bool {
        if (reader.at == reader.text.len or reader.text[reader.at] != character) return false;
        reader.at += 1;
        return true;
    }
};

/// `@` and 1 to 213 of `a-z 0-9 . _ ~ -`, the first neither `.` nor `_`.
fn isScope(name: []const u8) bool {
    if (name.len < 2 or name.len > layout.scope_size_max or name[0] != '@') return false;
    for (name[1..], 1..) |byte, index| switch (byte) {
        'a'...'z', '0'...'9', '~', '-' => {},
        '.', '_' => if (index == 1) return false,
        else => return false,
    };
    return true;
}

/// `MAJOR.MINOR.PATCH`, each 0 to 999999 without leading zeros.
fn isVersion(version: []const u8) bool {
    var parts = std.mem.splitScalar(u8, version, '.');
    var count: usize = 0;
    while (parts.next()) |part| : (count += 1) {
        if (part.len < 1 or part.len > layout.version_part_digits_max or (part.len > 1 and part[0] == '0')) return false;
        for (part) |byte| if (!std.ascii.isDigit(byte)) return false;
    }
    return count == 3;
}

/// A day of the Gregorian calendar, `YYYY-MM-DD`.
fn isDate(date: []const u8) bool {
    if (date.len != 10 or date[4] != '-' or date[7] != '-') return false;
    const year = number(date[0..4]) orelse return false;
    const month = number(date[5..7]) orelse return false;
    const day = number(date[8..10]) orelse return false;
    const is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0);
    const last: u32 = switch (month) {
        1, 3, 5, 7, 8, 10, 12 => 31,
        4, 6, 9, 11 => 30,
        2 => if (is_leap) 29 else 28,
        else => return false,
    };
    return day >= 1 and day <= last;
}

fn number(digits: []const u8) ?u32 {
    var value: u32 = 0;
    for (digits) |byte| {
        if (!std.ascii.isDigit(byte)) return null;
        value = 10 * value + (byte - '0');
    }
    return value;
}

const testing = std.testing;

fn readOne(payload: []const u8) ?Meta {
    var entry = std.mem.zeroes(flags.Entry);
    entry.bit = 2;
    entry.name_length = 5;
    @memcpy(entry.name[0..5], "DEBUG");
    const hash = murmur3("https://registry.example.test", 0);
    var meta: Meta = .{};
    const file: File = .{ .flags = &.{entry}, .registry_hash = hash };
    return if (read(payload, file, hash, &meta)) meta else null;
}

test "what a record needs is found" {
    const meta = readOne(
        \\{"bun":{"minimum":"1.4.5"},"flags":{"DEBUG":{"description":"é","expires":"2028-02-29",
    ++
        \\"owner":"core","retired":true}},"project":"shop","registries":{"@a":
    ++
        \\"https://registry.example.test","default":"https://registry.example.test"},
    ++
        \\"upgrade":{"unsigned":["https://a.example.test","https://b.example.test"]}}
    ).?;
    try testing.expectEqualStrings("https://registry.example.test", meta.registry_url.?);
    try testing.expectEqualStrings("2028-02-29", meta.expires[2].?);
    try testing.expect(meta.retired.isOn(2));
    try testing.expectEqual(null, readOne("{\"project\":\"p\"}").?.registry_url);
}

test "nothing else is accepted" {
    const refused = [_][]const u8{
        "",
        "{}",
        "{\"project\":\"\"}",
        "{\"project\":\"p\"} ",
        "{\"project\": \"p\"}",
        "{\"project\":\"\\u0061\"}",
        "{\"project\":\"\x7f\"}",
        "{\"project\":\"\xc2\x9b\"}",
        "{\"project\":\"\xff\"}",
        "{\"project\":\"" ++ "p" ** 215 ++ "\"}",
        "{\"project\":\"p\",\"project\":\"p\"}",
        "{\"project\":\"p\",\"bun\":{\"minimum\":\"1.4.5\"}}",
        "{\"other\":\"p\"}",
        "{\"bun\":{\"minimum\":\"1.04.5\"}}",
        "{\"flags\":{\"OTHER\":{\"retired\":true}}}",
        "{\"flags\":{\"DEBUG\":{}}}",
        "{\"flags\":{\"DEBUG\":{\"expires\":\"2027-02-29\"}}}",
        "{\"registries\":{\"default\":\"https://other.example.test\"}}",
        "{\"registries\":{\"default\":\"https://registry.example.test/\"}}",
        "{\"registries\":{\"@\":\"https://registry.example.test\"}}",
        "{\"registries\":{\"@.a\":\"https://registry.example.test\"}}",
        "{\"upgrade\":{\"unsigned\":[]}}",
        "{\"upgrade\":{\"unsigned\":[\"https://b.example.test\",\"https://a.example.test\"]}}",
        "{\"project\":\"p\"",
    };
    for (refused) |payload| try testing.expectEqual(null, readOne(payload));
}

fn isAudience(name: []const u8) bool {
    if (name.len == 0 or name.len > layout.audience_size_max) return false;
    for (name, 0..) |byte, index| switch (byte) {
        'a'...'z', '0'...'9' => {},
        '.', '_', '-' => if (index == 0) return false,
        else => return false,
    };
    return true;
}

fn isKeyText(text: []const u8) bool {
    if (text.len != 64) return false;
    for (text) |byte| switch (byte) {
        '0'...'9', 'a'...'f' => {},
        else => return false,
    };
    return true;
}
