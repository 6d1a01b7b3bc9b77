//! The process's own record: loaded once, read by every thread, never changed and never freed.
//! That is what lets JavaScript look at it without copying.

const std = @import("std");
const file_module = @import("../../format/file.zig");
const flags_module = @import("../../format/flags.zig");
const header_module = @import("../../format/header.zig");
const FlagSet = @import("../../format/flag_set.zig").FlagSet;
const layout = @import("../../format/generated/layout.zig");
const Header = header_module.Header;
const Verdict = @import("../../format/fault.zig").Verdict;

const State = enum(u32) { empty, loading, loaded };

var state: State = .empty;
pub var header: Header = std.mem.zeroes(Header);
pub var flags: FlagSet = .{};
var entries: [layout.flag_count_max]flags_module.Entry = undefined;
var index: flags_module.Index = .{};

/// Checks a whole file and makes its record this process's. Loading the same file again is
/// welcome; another one is refused with `loaded`.
pub fn load(bytes: []const u8) Verdict {
    const checked = file_module.verify(bytes);
    const new = checked.header orelse return checked.verdict;
    if (checked.verdict.fault != .none) return checked.verdict;
    if (@cmpxchgStrong(State, &state, .empty, .loading, .acquire, .acquire) == null) {
        header = new.*;
        flags = .of(new.settings.feature_flags, checked.bits);
        @memcpy(entries[0..checked.flags.len], checked.flags);
        index = .of(entries[0..checked.flags.len]);
        @atomicStore(State, &state, .loaded, .release);
        return checked.verdict;
    }
    // Another thread is copying a few thousand bytes.
    while (!isLoaded()) std.atomic.spinLoopHint();
    const same = std.mem.eql(u8, std.mem.asBytes(&header), std.mem.asBytes(new));
    return if (same) checked.verdict else .at(.loaded, 0);
}

pub fn isLoaded() bool {
    return @atomicLoad(State, &state, .acquire) == .loaded;
}

/// Whether a named flag of the loaded record is on, or null.
pub fn isOnByName(name: []const u8) ?bool {
    if (!isLoaded()) return null;
    const entry = index.find(&entries, name) orelse return null;
    return flags.isOn(entry.bit);
}

test "the first record stays" {
    var file: [header_module.size + 4]u8 = @splat(0);
    var fields = std.mem.zeroes(header_module.Fields);
    fields.config_version = 1;
    const out: *Header = std.mem.bytesAsValue(Header, file[0..104]);
    try std.testing.expectEqual(.none, header_module.encode(&fields, file[104..], out));
    try std.testing.expectEqual(null, isOnByName("DEBUG"));
    try std.testing.expectEqual(Verdict.whole, load(&file));
    try std.testing.expectEqual(Verdict.whole, load(&file));
    fields.generation = 1;
    try std.testing.expectEqual(.none, header_module.encode(&fields, file[104..], out));
    try std.testing.expectEqual(Verdict.at(.loaded, 0), load(&file));
    try std.testing.expectEqual(0, header.generation);
    file[0] = 'b';
    try std.testing.expectEqual(Verdict.at(.magic, 0), load(&file));
}
