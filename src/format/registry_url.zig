//! The canonical form of a registry's URL (docs/format.md, "Registry URL").

const std = @import("std");
const layout = @import("generated/layout.zig");
const Fault = @import("fault.zig").Fault;

/// Bytes of a canonical URL.
pub const size_max = layout.registry_url_size_max;

pub const Canonical = union(enum) {
    url: []const u8,
    fault: Fault,
};

/// Writes the canonical form of `url` to `out`: lower-case scheme and host, no default port, no
/// trailing slash.
///
/// Only plain URLs are taken: http or https, a name that no punycode rule touches or an IPv4 address
/// of four decimal numbers, perhaps a port, a path of unreserved characters without `.` and `..`.
/// What a full parser would treat in another way gives `url_not_plain`, never another answer than
/// the full parser's.
pub fn canonical(url: []const u8, out: []u8) Canonical {
    if (url.len > size_max) return .{ .fault = .url_size };
    if (out.len < url.len) return .{ .fault = .argument };
    const scheme = std.mem.indexOf(u8, url, "://") orelse return .{ .fault = .url_invalid };
    const is_https = std.ascii.eqlIgnoreCase(url[0..scheme], "https");
    if (!is_https and !std.ascii.eqlIgnoreCase(url[0..scheme], "http")) {
        return .{ .fault = .url_invalid };
    }
    const authority_at = scheme + "://".len;
    const path_at = std.mem.indexOfScalarPos(u8, url, authority_at, '/') orelse url.len;
    const authority = url[authority_at..path_at];
    const name_size = std.mem.indexOfScalar(u8, authority, ':') orelse authority.len;
    const port = authority[name_size..];
    const is_plain = isPlainHost(authority[0..name_size]) and
        (port.len == 0 or isPlainPort(port[1..])) and isPlainPath(url[path_at..]);
    if (!is_plain) return .{ .fault = .url_not_plain };
    const is_default = std.mem.eql(u8, port, if (is_https) ":443" else ":80");
    const host = if (is_default) authority[0..name_size] else authority;

    const head = std.ascii.lowerString(out, url[0..authority_at]);
    const lowered = std.ascii.lowerString(out[head.len..], host);
    const path = std.mem.trimEnd(u8, url[path_at..], "/");
    @memcpy(out[head.len + lowered.len ..][0..path.len], path);
    return .{ .url = out[0 .. head.len + lowered.len + path.len] };
}

/// Labels of which the last starts with a letter, so that it is no number of an IPv4 address; no
/// `--`, which could be punycode.
fn isPlainHost(host: []const u8) bool {
    if (std.mem.indexOf(u8, host, "--") != null) return false;
    var labels = std.mem.splitScalar(u8, host, '.');
    var last: []const u8 = "";
    while (labels.next()) |label| {
        if (label.len == 0 or label.len > 63 or label[0] == '-') return false;
        for (label) |byte| if (!std.ascii.isAlphanumeric(byte) and byte != '-') return false;
        last = label;
    }
    if (!std.ascii.isAlphabetic(last[0])) return isPlainAddress(host);
    return host.len <= 253;
}

/// An IPv4 address as it is written back: `127.0.0.1`, not `127.1`.
fn isPlainAddress(host: []const u8) bool {
    var parts = std.mem.splitScalar(u8, host, '.');
    var count: usize = 0;
    while (parts.next()) |part| : (count += 1) {
        if (std.mem.eql(u8, part, "0")) continue;
        if (!isPlainNumber(part, 255)) return false;
    }
    return count == 4;
}

fn isPlainPort(digits: []const u8) bool {
    return isPlainNumber(digits, 65_535);
}

/// From 1 to `max`, without a zero in front.
fn isPlainNumber(digits: []const u8, max: u32) bool {
    if (digits.len == 0 or digits.len > 5 or digits[0] == '0') return false;
    var value: u32 = 0;
    for (digits) |digit| {
        if (!std.ascii.isDigit(digit)) return false;
        value = 10 * value + (digit - '0');
    }
    return value <= max;
}

fn isPlainPath(path: []const u8) bool {
    var segments = std.mem.splitScalar(u8, path, '/');
    while (segments.next()) |segment| {
        if (std.mem.eql(u8, segment, ".") or std.mem.eql(u8, segment, "..")) return false;
        for (segment) |byte| switch (byte) {
            'A'...'Z', 'a'...'z', '0'...'9', '-', '.', '_', '~' => {},
            else => return false,
        };
    }
    return true;
}

test "the canonical form" {
    const cases = [_][2][]const u8{
        .{ "HTTPS://Registry.Example.Test:443/", "https://registry.example.test" },
        .{ "http://registry.example.test:80/A/b//", "http://registry.example.test/A/b" },
        .{ "https://registry.example.test", "https://registry.example.test" },
        .{ "http://LocalHost:4873/", "http://localhost:4873" },
        .{ "http://127.0.0.1:65535", "http://127.0.0.1:65535" },
        .{ "https://registry.example.test:80", "https://registry.example.test:80" },
    };
    var out: [size_max]u8 = undefined;
    for (cases) |case| try std.testing.expectEqualStrings(case[1], canonical(case[0], &out).url);
    const not_plain = [_][]const u8{
        "https://user@registry.example.test",   "https://127.1:4873",
        "https://xn--a.example.test",           "https://registry.example.test/a/../b",
        "https://registry.example.test/?q",     "https://127.0.0.256",
        "https://registry.example.test:80:443", "https://registry.example.test:0443",
        "https://registry.example.test:65536",  "https://registry.example.test:",
        "https://127.0.0.01",                   "https://[::1]:4873",
    };
    for (not_plain) |url| try std.testing.expectEqual(.url_not_plain, canonical(url, &out).fault);
    try std.testing.expectEqual(.url_invalid, canonical("ftp://a.b", &out).fault);
    try std.testing.expectEqual(.url_invalid, canonical("registry", &out).fault);
}
