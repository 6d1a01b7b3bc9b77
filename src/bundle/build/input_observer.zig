//! What Bun's bundler reads, seen from the bundler's own threads: which of a build's sources hold
//! something to replace, and which of those need no parser to be understood. The sources are in
//! memory there, so that nobody reads them a second time.
//!
//! The structs are those of Bun's native plugins ("bundler_plugin.h" of the
//! package bun-native-bundler-plugin-api).

const std = @import("std");
const fast_scan = @import("../source/fast_scan/fast_scan.zig");
const needles = @import("../source/needles.zig");

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

/// What one build reads.
pub const Observer = struct {
    has_failed: bool = false,
    lock: std.atomic.Mutex = .unlocked,
    list: std.ArrayList(u8) = .empty,

    /// Null without memory.
    pub fn create() ?*Observer {
        const observer = allocator.create(Observer) catch return null;
        observer.* = .{};
        return observer;
    }

    pub fn destroy(observer: *Observer) void {
        observer.list.deinit(allocator);
        allocator.destroy(observer);
    }

    /// For the caller who knows that the bundler is done: the scripts that it read, as `note` writes
    /// them. Null when one could not be looked at.
    pub fn sources(observer: *Observer) ?[]const u8 {
        while (!observer.lock.tryLock()) std.atomic.spinLoopHint();
        defer observer.lock.unlock();
        return if (observer.has_failed) null else observer.list.items;
    }

    fn fail(observer: *Observer) void {
        while (!observer.lock.tryLock()) std.atomic.spinLoopHint();
        defer observer.lock.unlock();
        observer.has_failed = true;
    }

    fn observe(observer: *Observer, arguments: *const Arguments, source: *Source) !void {
        if (arguments.loader > loader_tsx) return;
        if (source.fetch(arguments, source) != 0) return error.Unreadable;
        const text = (source.text orelse return error.Unreadable)[0..source.text_size];
        const path = (arguments.path orelse return error.UnknownLayout)[0..arguments.path_size];
        if (!needles.areIn(text)) return observer.note(path, .nothing);
        var room: [calls_max]fast_scan.Call = undefined;
        const uses = fast_scan.find(text, arguments.loader == loader_ts, &room) orelse
            return observer.note(path, .unknown);
        return observer.note(path, .{ .calls = .{ .text = text, .list = uses.calls } });
    }

    const Uses = union(enum) {
        nothing,
        unknown,
        calls: struct { text: []const u8, list: []const fast_scan.Call },
    };

    /// Adds a source: its path, a zero byte, what it uses, a zero byte. That is `-` for nothing, `?`
    /// for what only the parser can tell, or else `+` and the flag of each call behind a comma.
    fn note(observer: *Observer, path: []const u8, uses: Uses) !void {
        while (!observer.lock.tryLock()) std.atomic.spinLoopHint();
        defer observer.lock.unlock();
        try observer.list.appendSlice(allocator, path);
        try observer.list.append(allocator, 0);
        switch (uses) {
            .nothing => try observer.list.append(allocator, '-'),
            .unknown => try observer.list.append(allocator, '?'),
            .calls => |calls| {
                try observer.list.append(allocator, '+');
                for (calls.list) |call| {
                    try observer.list.append(allocator, ',');
                    const name = calls.text[call.name_at..][0..call.name_size];
                    try observer.list.appendSlice(allocator, name);
                }
            },
        }
        try observer.list.append(allocator, 0);
    }
};

/// Bun calls it for each input before it is parsed, from several threads at once.
pub fn beforeParse(arguments: *const Arguments, source: *Source) callconv(.c) void {
    if (arguments.struct_size < @sizeOf(Arguments)) return;
    const observer: *Observer = @ptrCast(@alignCast(arguments.external orelse return));
    if (source.struct_size < @sizeOf(Source)) return observer.fail();
    observer.observe(arguments, source) catch observer.fail();
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

    fn parse(observer: *Observer, path: []const u8, loader: u8, content: []const u8) void {
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
            .external = observer,
        }, &source);
    }
};

test "the list of what a bundler reads" {
    const import = "import { feature } from \"bun:bundle\";\n";
    const observer = Observer.create().?;
    defer observer.destroy();
    const other = Observer.create().?;
    defer other.destroy();
    FakeBundler.parse(observer, "/a.ts", loader_ts, import ++
        "if (feature(\"A\")) f(feature('B') ? 1 : 2);");
    FakeBundler.parse(observer, "/b.ts", loader_ts, "f();");
    FakeBundler.parse(observer, "/c.tsx", loader_tsx, import ++ "if (a < b && feature(\"A\")) f();");
    FakeBundler.parse(observer, "/d.txt", 12, import);
    FakeBundler.parse(observer, "/e.js", 1, import);
    const seen = "/a.ts\x00+,A,B\x00/b.ts\x00-\x00/c.tsx\x00?\x00/e.js\x00+\x00";
    try testing.expectEqualStrings(seen, observer.sources().?);
    FakeBundler.answer = 1;
    defer FakeBundler.answer = 0;
    FakeBundler.parse(observer, "/f.ts", loader_ts, "");
    try testing.expectEqual(null, observer.sources());
    try testing.expectEqualStrings("", other.sources().?);
}
