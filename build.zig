//! `zig build` builds the host's library and lib/immuconfig.wasm; `-Dall` builds every target.
//! `zig build test` runs the unit tests; `zig build bench` builds the library that benches/claims_bench.ts measures.

const std = @import("std");

const root_source = "src/immuconfig.zig";

/// Folder names are those of `process.platform` and `process.arch`.
const targets = [_]struct { folder: []const u8, query: []const u8 }{
    .{ .folder = "linux-x64", .query = "x86_64-linux" },
    .{ .folder = "linux-arm64", .query = "aarch64-linux" },
    .{ .folder = "darwin-x64", .query = "x86_64-macos" },
    .{ .folder = "darwin-arm64", .query = "aarch64-macos" },
    .{ .folder = "win32-x64", .query = "x86_64-windows" },
};

pub fn build(b: *std.Build) void {
    const all = b.option(bool, "all", "build every target, not only the host's") orelse false;
    const host = b.graph.host;
    for (targets) |target| {
        const query = std.Target.Query.parse(.{ .arch_os_abi = target.query }) catch unreachable;
        const resolved = b.resolveTargetQuery(query);
        const is_host = resolved.result.os.tag == host.result.os.tag and
            resolved.result.cpu.arch == host.result.cpu.arch;
        if (all or is_host) addLibrary(b, resolved, target.folder);
    }
    addWasm(b);
    addTests(b, host);
    addBench(b, host);
}

fn addLibrary(b: *std.Build, target: std.Build.ResolvedTarget, folder: []const u8) void {
    // Nothing is thrown through the library, and debuggers go by its frame pointers. Windows wants the tables.
    const unwind_tables: ?std.builtin.UnwindTables =
        if (target.result.os.tag == .windows) null else .none;
    const library = b.addLibrary(.{
        .name = "immuconfig",
        .linkage = .dynamic,
        .root_module = b.createModule(.{
            .root_source_file = b.path(root_source),
            .target = target,
            .optimize = .ReleaseSafe,
            .strip = true,
            .unwind_tables = unwind_tables,
        }),
    });
    // Those of Node-API, which the process brings.
    library.linker_allow_shlib_undefined = true;
    const install = b.addInstallArtifact(library, .{
        .dest_dir = .{ .override = .{ .custom = folder } },
        .pdb_dir = .disabled,
        .implib_dir = .disabled,
    });
    b.getInstallStep().dependOn(&install.step);
}

fn addWasm(b: *std.Build) void {
    const wasm = b.addExecutable(.{
        .name = "immuconfig",
        .root_module = b.createModule(.{
            .root_source_file = b.path(root_source),
            .target = b.resolveTargetQuery(.{ .cpu_arch = .wasm32, .os_tag = .freestanding }),
            .optimize = .ReleaseSafe,
            .strip = true,
        }),
    });
    wasm.entry = .disabled;
    wasm.rdynamic = true;
    const install = b.addInstallArtifact(wasm, .{ .dest_dir = .{ .override = .prefix } });
    b.getInstallStep().dependOn(&install.step);
}

fn addTests(b: *std.Build, target: std.Build.ResolvedTarget) void {
    const module = b.createModule(.{
        .root_source_file = b.path(root_source),
        .target = target,
        .optimize = .Debug,
    });
    // `@embedFile` does not reach outside src/.
    module.addAnonymousImport("hash_vectors", .{
        .root_source_file = b.path("tests/vectors/hashes.json"),
    });
    const tests = b.addTest(.{ .root_module = module });
    b.step("test", "run the unit tests").dependOn(&b.addRunArtifact(tests).step);
}

fn addBench(b: *std.Build, target: std.Build.ResolvedTarget) void {
    const library = b.addLibrary(.{
        .name = "immuconfig_bench",
        .linkage = .dynamic,
        .root_module = moduleOver(b, target, .ReleaseSafe, "benches/native_bench.zig"),
    });
    const install = b.addInstallArtifact(library, .{
        .dest_dir = .{ .override = .{ .custom = "bench" } },
        .pdb_dir = .disabled,
        .implib_dir = .disabled,
    });
    b.step("bench", "build the library of the benchmarks").dependOn(&install.step);
}

/// A program outside src/ that imports the core as `immuconfig`.
fn moduleOver(
    b: *std.Build,
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
    source: []const u8,
) *std.Build.Module {
    const core = b.createModule(.{
        .root_source_file = b.path(root_source),
        .target = target,
        .optimize = optimize,
    });
    return b.createModule(.{
        .root_source_file = b.path(source),
        .target = target,
        .optimize = optimize,
        .imports = &.{.{ .name = "immuconfig", .module = core }},
    });
}
