//! What Bun's bundler reads, seen from the bundler's own threads: which of a build's sources hold
//! something to replace, and which of those are plain. The sources are in memory there, so that
//! nobody reads them a second time, and the program that waits for the build is not asked.
//!
//! One list a process. The structs are those of Bun's native plugins ("bundler_plugin.h" of the
//! package bun-native-bundler-plugin-api).

const std = @import("std");
const marks = @import("../source/needles.zig");
const plain_source = @import("../source/fast_scan/plain_source.zig");

const Arguments = extern struct {
    struct_size: usize,
    bun: ?*anyopaque,
    path: ?[*]const u8,
    path_size: usize,
    namespace: ?[*]const u8,
    namespace_size: usize,
    loader: u8,
    external: ?*anyopaque,
};

const Source = extern struct {
    struct_size: usize,
    text: ?[*]const u8,
    text_size: usize,
    loader: u8,
    fetch: *const fn (*const Arguments, *Source) callconv(.c) c_int,
    context: ?*anyopaque,
    free_context: ?*const fn (?*anyopaque) callconv(.c) void,
    log: ?*const fn (*const Arguments, ?*anyopaque) callconv(.c) void,
};

/// Of the numbers of loaders; those of scripts come first.
const loader_ts = 2;
const loader_tsx = 3;

/// A source with more calls is left to the parser.
const calls_max = 256;

/// Memory from the system: how many sources a build has is not known before.
const allocator = std.heap.page_allocator;

var count: std.atomic.Value(u32) = .init(0);
var has_failed: std.atomic.Value(bool) = .init(false);
var lock: std.atomic.Mutex = .unlocked;
var list: std.ArrayList(u8) = .empty;

/// Bun calls it for each input before it is parsed, from several threads at once.
pub fn beforeParse(arguments: *const Arguments, source: *Source) callconv(.c) void {
    look(arguments, source) catch has_failed.store(true, .monotonic);
}

fn look(arguments: *const Arguments, source: *Source) !void {
    const is_known = arguments.struct_size >= @sizeOf(Arguments) and
        source.struct_size >= @sizeOf(Source);
    if (!is_known) return error.UnknownLayout;
    _ = count.fetchAdd(1, .monotonic);
    if (arguments.loader > loader_tsx) return;
    if (source.fetch(arguments, source) != 0) return error.Unreadable;
    const text = (source.text orelse return error.Unreadable)[0..source.text_size];
    if (!marks.areIn(text)) return;
    const path = (arguments.path orelse return error.UnknownLayout)[0..arguments.path_size];
    var room: [calls_max]plain_source.Call = undefined;
    const uses = plain_source.find(text, arguments.loader == loader_ts, &room);
    try note(path, text, if (uses) |found| found.calls else null);
}

/// Adds a source: its path, a zero byte, its flags with commas between them or `?`, a zero byte.
fn note(path: []const u8, text: []const u8, calls: ?[]const plain_source.Call) !void {
    while (!lock.tryLock()) std.atomic.spinLoopHint();
    defer lock.unlock();
    try list.appendSlice(allocator, path);
    try list.append(allocator, 0);
    if (calls) |known| {
        for (known, 0..) |call, index| {
            if (index > 0) try list.append(allocator, ',');
            try list.appendSlice(allocator, text[call.name_at..][0..call.name_size]);
        }
    } else try list.append(allocator, '?');
    try list.append(allocator, 0);
}

// For the caller who knows that the bundler is done:

/// How many inputs it had, of every kind.
pub fn inputCount() u32 {
    return count.load(.monotonic);
}

/// The sources among them as `note` writes them. Null when an input could not be looked at.
pub fn sources() ?[]const u8 {
    while (!lock.tryLock()) std.atomic.spinLoopHint();
    defer lock.unlock();
    return if (has_failed.load(.monotonic)) null else list.items;
}

const testing = std.testing;

const FakeBundler = struct {
    var text: []const u8 = "";
    var answer: c_int = 0;

    fn fetch(_: *const Arguments, source: *Source) callconv(.c) c_int {
        source.text = text.ptr;
        source.text_size = text.len;
        return answer;
    }

    fn parse(path: []const u8, loader: u8, content: []const u8) void {
        text = content;
        var source: Source = .{
            .struct_size = @sizeOf(Source),
            .text = null,
            .text_size = 0,
            .loader = loader,
            .fetch = fetch,
            .context = null,
            .free_context = null,
            .log = null,
        };
        beforeParse(&.{
            .struct_size = @sizeOf(Arguments),
            .bun = null,
            .path = path.ptr,
            .path_size = path.len,
            .namespace = null,
            .namespace_size = 0,
            .loader = loader,
            .external = null,
        }, &source);
    }
};

test "the list of what a bundler reads" {
    defer list.clearAndFree(allocator);
    const import = "import { feature } from \"bun:bundle\";\n";
    FakeBundler.parse("/a.ts", loader_ts, import ++ "if (feature(\"A\")) f(feature('B') ? 1 : 2);");
    FakeBundler.parse("/b.ts", loader_ts, "f();");
    FakeBundler.parse("/c.tsx", loader_tsx, import ++ "if (a < b && feature(\"A\")) f();");
    FakeBundler.parse("/d.txt", 12, import);
    FakeBundler.parse("/e.js", 1, import);
    try testing.expectEqual(5, inputCount());
    try testing.expectEqualStrings("/a.ts\x00A,B\x00/c.tsx\x00?\x00/e.js\x00\x00", sources().?);
    FakeBundler.answer = 1;
    FakeBundler.parse("/f.ts", loader_ts, "");
    try testing.expectEqual(null, sources());
    has_failed.store(false, .monotonic);
}
