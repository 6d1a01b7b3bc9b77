//! What benches/claims_bench.ts measures from inside: each function does its work `rounds`
//! times, so that one call's cost does not count, and returns something that depends on it all.

const std = @import("std");
const immuconfig = @import("immuconfig");

/// The floor of every call.
export fn bench_empty() u32 {
    return 1;
}

/// The floor of every loop.
export fn bench_loop(rounds: u32) u32 {
    var sum: u32 = 0;
    for (0..rounds) |i| {
        sum +%= @truncate(i);
        std.mem.doNotOptimizeAway(sum);
    }
    return sum;
}

export fn bench_murmur3(bytes: [*]const u8, length: u32, rounds: u32) u32 {
    var hash: u32 = 0;
    for (0..rounds) |_| {
        // The seed makes each round wait for the one before.
        hash = immuconfig.registry.murmur3(bytes[0..length], hash);
    }
    return hash;
}

/// Encodes the header of a file without packages and sections; returns the last checksum's low
/// half.
export fn bench_encode(rounds: u32) u32 {
    const body = [_]u8{ 0, 0, 0, 0 };
    var header: immuconfig.Header = undefined;
    for (0..rounds) |i| {
        const fields: immuconfig.Fields = .{
            .registry_hash = 0xc8c87440,
            .feature_flags = 4,
            .generation = @truncate(i),
            .frozen = 0,
            .config_version = 1,
            .terminal_mode = 1,
            .rows = 24,
            .cols = 80,
        };
        if (immuconfig.encode(&fields, &body, &header) != .none) return 0;
        std.mem.doNotOptimizeAway(&header);
    }
    return @truncate(header.checksum);
}

/// Looks a flag up by its name in a table of one entry, DEBUG at bit 2, and tests its bit. Returns
/// how often it was on.
export fn bench_find(name: [*]const u8, length: u32, rounds: u32) u32 {
    var entry: immuconfig.features.Entry = .{
        .bit = 2,
        .name_length = 5,
        .zero = 0,
        .name = @splat(0),
    };
    @memcpy(entry.name[0..5], "DEBUG");
    const entries = [_]immuconfig.features.Entry{entry};
    var flags: immuconfig.features.FlagSet = .of(4, "");
    var on: u32 = 0;
    for (0..rounds) |_| {
        // Nothing may be known before the loop.
        std.mem.doNotOptimizeAway(&entries);
        std.mem.doNotOptimizeAway(&flags);
        const bit = immuconfig.features.find(&entries, name[0..length]) orelse return 0;
        if (flags.isOn(bit)) on += 1;
    }
    return on;
}

/// One terminal's size and mode, read and set: the system calls of `terminal.init`.
export fn bench_terminal_init(fd: i32, rounds: u32) u32 {
    var saved: immuconfig.terminal.Saved = undefined;
    var size: immuconfig.terminal.Size = undefined;
    for (0..rounds) |_| {
        const fault = immuconfig.terminal.init(fd, .none, 0, 0, &saved, &size);
        if (fault != .none) return @intFromEnum(fault);
    }
    return 0;
}
