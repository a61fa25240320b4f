namespace Sio.Cli.Tests.Setup;

/// <summary>What ./sio does before the program starts: the set-up, and when it does none.</summary>
public sealed class LauncherTests : IDisposable
{
    private const string Run = "dotnet check out/src/Sio.Cli/bin/Release/net10.0/Sio.Cli.dll";
    private readonly FakeCheckout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void First_call_builds_both_parts_and_runs_the_program_with_its_arguments_unchanged()
    {
        var result = _checkout.Sio("train", "a b", "", "*", "--set=x='y'");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"SIO_NATIVE={_checkout.In("build/native/libsio_torch.so")}\n<train>\n<a b>\n<>\n<*>\n<--set=x='y'>\n", result.Output);
        var calls = _checkout.TakeCalls();
        Assert.Equal(5, calls.Length);
        Assert.Equal("dotnet --list-sdks", calls[0]);
        Assert.Equal("cmake -S check out/native -B check out/build/native -DCMAKE_BUILD_TYPE=Release -G Ninja", calls[1]);
        Assert.StartsWith("cmake --build check out/build/native --parallel", calls[2], StringComparison.Ordinal);
        Assert.StartsWith("dotnet build check out/src/Sio.Cli/Sio.Cli.csproj -c Release", calls[3], StringComparison.Ordinal);
        Assert.StartsWith(Run + " train", calls[4], StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_to_do_no_tool_is_called_and_nothing_is_said()
    {
        _checkout.Sio("--help");
        _checkout.TakeCalls();

        var result = _checkout.Sio("--help");

        Assert.Equal([Run + " --help"], _checkout.TakeCalls());
        Assert.Equal("", result.Errors);
    }

    [Fact]
    public void It_runs_through_a_link_from_another_folder()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        var link = Path.Combine(_checkout.Folder, "a link");
        File.CreateSymbolicLink(link, _checkout.In("sio"));

        Assert.Equal(0, _checkout.Run(link, []).ExitCode);
        Assert.Single(_checkout.TakeCalls());
    }

    [Theory]
    [InlineData("FAKE_EXIT", "3", 3)]
    [InlineData("FAKE_SIGNAL", "INT", 130)]
    [InlineData("FAKE_SIGNAL", "TERM", 143)]
    public void The_exit_code_is_the_programs(string variable, string value, int expected) =>
        Assert.Equal(expected, _checkout.Run(_checkout.In("sio"), new() { [variable] = value }).ExitCode);

    [Theory]
    [InlineData("edited")]
    [InlineData("new")]
    [InlineData("deleted")]
    [InlineData("moved")]
    [InlineData("properties")]
    public void A_changed_source_is_built(string change)
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        var source = _checkout.In("src/Sio.Cli/Other.cs");
        switch (change)
        {
            case "edited":
                File.WriteAllText(source, "// more");
                break;
            case "new":
                _checkout.Write("src/Sio.Cli/Deep/Third.cs", "");
                break;
            case "deleted":
                File.Delete(source);
                break;
            case "moved":
                File.Move(source, _checkout.In("src/Sio.Cli/Moved.cs"));
                break;
            default:
                _checkout.Write("Directory.Build.props", "<Project />");
                break;
        }
        _checkout.Sio();

        Assert.Contains(_checkout.TakeCalls(), call => call.StartsWith("dotnet build", StringComparison.Ordinal));
        _checkout.Sio();
        Assert.Single(_checkout.TakeCalls());
    }

    [Fact]
    public void An_older_source_put_back_is_built_from_scratch_as_MSBuild_would_not_see_it()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        File.SetLastWriteTimeUtc(_checkout.In("src/Sio.Cli/Other.cs"), DateTime.UtcNow.AddDays(-3));
        _checkout.Sio();

        Assert.Contains(_checkout.TakeCalls(), call => call.Contains("--no-incremental", StringComparison.Ordinal));
    }

    [Fact]
    public void What_builds_leave_in_bin_and_obj_is_no_source()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        _checkout.Write("src/Sio.Cli/obj/project.assets.json", "");
        _checkout.Write("src/Sio.Cli/bin/Debug/x.dll", "");
        _checkout.Sio();

        Assert.Single(_checkout.TakeCalls());
    }

    [Fact]
    public void A_native_source_builds_the_native_part_alone()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        _checkout.Write("native/src/two.cpp", "");
        _checkout.Sio();

        var calls = _checkout.TakeCalls();
        Assert.Contains(calls, call => call.StartsWith("cmake --build", StringComparison.Ordinal));
        Assert.DoesNotContain(calls, call => call.StartsWith("dotnet build", StringComparison.Ordinal));
    }

    [Fact]
    public void Another_LibTorch_in_the_old_ones_place_is_built_against_from_scratch()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        _checkout.WriteSystem("usr/lib/x86_64-linux-gnu/libtorch_cpu.so", "newer, but packed long ago");
        File.SetLastWriteTimeUtc(_checkout.InSystem("usr/lib/x86_64-linux-gnu/libtorch_cpu.so"), new DateTime(2023, 3, 1));
        _checkout.Sio();

        Assert.Contains(_checkout.TakeCalls(), call => call.EndsWith("--clean-first", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FAKE_CMAKE", "one.cpp:1: error: no such thing")]
    [InlineData("FAKE_DOTNET", "Program.cs(1,1): error CS1002: ; expected")]
    public void A_failed_build_says_why_and_is_tried_again(string tool, string why)
    {
        for (var call = 0; call < 2; call++)
        {
            var failed = _checkout.Run(_checkout.In("sio"), new() { [tool] = "fails" }, "metrics");
            Assert.Equal(1, failed.ExitCode);
            Assert.Equal("", failed.Output);
            Assert.Contains(why, failed.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(_checkout.TakeCalls(), call => call.StartsWith(Run, StringComparison.Ordinal));
        }
        Assert.Equal(0, _checkout.Sio().ExitCode);
    }

    [Fact]
    public void A_failed_build_after_a_good_one_does_not_pass_for_it()
    {
        _checkout.Sio();
        _checkout.Write("src/Sio.Cli/Other.cs", "broken");
        Assert.Equal(1, _checkout.Run(_checkout.In("sio"), new() { ["FAKE_DOTNET"] = "fails" }).ExitCode);
        Assert.Equal(1, _checkout.Run(_checkout.In("sio"), new() { ["FAKE_DOTNET"] = "fails" }).ExitCode);
    }

    [Fact]
    public void A_killed_build_is_begun_anew()
    {
        Assert.Equal(137, _checkout.Run(_checkout.In("sio"), new() { ["FAKE_CMAKE"] = "dies" }).ExitCode);
        _checkout.Write("build/native/half.o", "");

        Assert.Equal(0, _checkout.Sio().ExitCode);
        Assert.False(File.Exists(_checkout.In("build/native/half.o")));
    }

    [Fact]
    public void A_copied_checkout_builds_in_its_own_place()
    {
        _checkout.Sio();
        _checkout.Write("build/native/CMakeCache.txt", "CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere/native\n");
        _checkout.Write("native/src/one.cpp", "// edited");
        _checkout.TakeCalls();
        _checkout.Sio();

        Assert.Contains("cmake -S check out/native -B check out/build/native -DCMAKE_BUILD_TYPE=Release -G Ninja", _checkout.TakeCalls());
    }

    [Fact]
    public void Two_calls_at_once_build_once()
    {
        Dictionary<string, string> slow = new() { ["FAKE_SECONDS"] = "0.3" };
        using var first = _checkout.Start(_checkout.In("sio"), slow);
        using var second = _checkout.Start(_checkout.In("sio"), slow);
        first.WaitForExit();
        second.WaitForExit();

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(0, second.ExitCode);
        var calls = _checkout.TakeCalls();
        Assert.Single(calls, call => call.StartsWith("cmake --build", StringComparison.Ordinal));
        Assert.Single(calls, call => call.StartsWith("dotnet build", StringComparison.Ordinal));
    }

    [Fact]
    public void Setup_looks_at_every_step_and_then_runs_the_programs_own()
    {
        _checkout.Sio();
        _checkout.TakeCalls();
        var result = _checkout.Sio("setup");

        foreach (var step in (string[])["build tools and LibTorch", "Fashion-MNIST", "the .NET SDK", "the native library", "the C# build"])
            Assert.Contains(step + ": in order", result.Errors, StringComparison.Ordinal);
        Assert.Equal(["dotnet --list-sdks", Run + " setup"], _checkout.TakeCalls());
    }

    [Fact]
    public void Where_apt_is_missing_it_names_the_packages_and_stops()
    {
        _checkout.RemoveLibTorch();
        _checkout.RemoveTool("cmake");
        var result = _checkout.Sio();

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains("needed to build, and missing: cmake libtorch-dev", result.Errors, StringComparison.Ordinal);
        Assert.Contains("there is no apt-get here", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(_checkout.TakeCalls(), call => call.StartsWith("dotnet build", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_apt_refuses_it_shows_what_apt_said_and_stops()
    {
        _checkout.RemoveLibTorch();
        _checkout.AddTool("apt-get", "echo 'E: Unable to locate package libtorch-dev'; exit 100");
        var result = _checkout.Sio();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("E: Unable to locate package libtorch-dev", result.Errors, StringComparison.Ordinal);
        Assert.Contains("missing: libtorch-dev", result.Errors, StringComparison.Ordinal);
        Assert.Contains("apt-get install libtorch-dev dataset-fashion-mnist", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_installed()
    {
        _checkout.RemoveLibTorch();
        _checkout.RemoveData();
        _checkout.AddWorkingApt();
        var result = _checkout.Sio();

        Assert.Equal(0, result.ExitCode);
        var apt = _checkout.TakeCalls().Where(call => call.StartsWith("apt-get", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, apt.Length);
        Assert.EndsWith("install -y --no-install-recommends libtorch-dev", apt[0], StringComparison.Ordinal);
        Assert.EndsWith("install -y --no-install-recommends dataset-fashion-mnist", apt[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_updated_where_there_are_none_and_where_an_install_fails_over_old_ones()
    {
        _checkout.RemoveData();
        _checkout.AddTool("apt-get", $"""
            [[ -e "{_checkout.Folder}/updated" || " $* " == *' update '* ]] || exit 100
            [[ " $* " != *' update '* ]] || touch "{_checkout.Folder}/updated"
            [[ " $* " != *' install '* ]] || touch "{_checkout.InSystem("usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")}"
            """);
        var result = _checkout.Sio();

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("going on without", result.Errors, StringComparison.Ordinal);
        Assert.Equal(3, _checkout.TakeCalls().Count(call => call.StartsWith("apt-get", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_root_apt_goes_through_sudo()
    {
        _checkout.RemoveLibTorch();
        _checkout.AddWorkingApt();
        _checkout.AddTool("id", "echo 1000");
        Assert.Contains("apt-get needs root, and there is no sudo", _checkout.Sio().Errors, StringComparison.Ordinal);

        _checkout.AddTool("sudo", "exit 1");
        Assert.Contains("sudo asks for a password", _checkout.Sio().Errors, StringComparison.Ordinal);

        _checkout.AddTool("sudo", "[[ $1 == -n ]] || \"$@\"");
        Assert.Equal(0, _checkout.Sio().ExitCode);
    }

    [Fact]
    public void The_data_set_is_not_needed_to_build()
    {
        _checkout.RemoveData();
        var first = _checkout.Sio("metrics");
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("going on without Fashion-MNIST", first.Errors, StringComparison.Ordinal);

        // Said once, and again only where it matters.
        Assert.Equal("", _checkout.Sio("metrics").Errors);
        Assert.Contains("going on without Fashion-MNIST", _checkout.Sio("quickstart").Errors, StringComparison.Ordinal);

        _checkout.AddWorkingApt();
        Assert.Contains("installing Debian packages: dataset-fashion-mnist", _checkout.Sio("quickstart").Errors, StringComparison.Ordinal);
        Assert.Equal("", _checkout.Sio("quickstart").Errors);
    }

    [Fact]
    public void The_reference_BLAS_is_warned_of()
    {
        File.Delete(_checkout.InSystem("usr/lib/x86_64-linux-gnu/libblas.so.3"));
        _checkout.WriteSystem("usr/lib/x86_64-linux-gnu/libblas.so.3", "");
        var result = _checkout.Sio();

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("libblas.so.3 is not OpenBLAS", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_libraries_for_pictures_are_installed_and_otherwise_warned_of()
    {
        _checkout.RemovePng();
        _checkout.RemoveJpeg();
        var result = _checkout.Sio();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("there is no libpng (package libpng16-16)", result.Errors, StringComparison.Ordinal);
        Assert.Contains("there is no libjpeg-turbo (package libturbojpeg0)", result.Errors, StringComparison.Ordinal);

        _checkout.AddWorkingApt();
        _checkout.Sio("setup");
        Assert.Contains(_checkout.TakeCalls(), call => call.EndsWith("--no-install-recommends libpng16-16 libturbojpeg0", StringComparison.Ordinal));
    }

    [Fact]
    public void LIBTORCH_is_built_against_in_a_folder_of_its_own_without_Debians_packages()
    {
        _checkout.RemoveLibTorch();
        _checkout.WriteSystem("opt/lib torch/lib/libtorch_cpu.so", "");
        _checkout.WriteSystem("opt/lib torch/include/ATen/ATen.h", "");
        var result = _checkout.Run(_checkout.In("sio"), new() { ["LIBTORCH"] = _checkout.InSystem("opt/lib torch/") });

        Assert.Equal(0, result.ExitCode);
        Assert.Matches("SIO_NATIVE=.*/build/native-[0-9a-f]{8}/libsio_torch.so", result.Output);
        Assert.Contains(_checkout.TakeCalls(), call => call.Contains("-DLIBTORCH=system/opt/lib torch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/nowhere", "")]
    [InlineData("system/opt", "; perhaps ")]
    public void A_wrong_LIBTORCH_gives_one_line(string folder, string hint)
    {
        _checkout.WriteSystem("opt/libtorch/lib/libtorch_cpu.so", "");
        var result = _checkout.Run(_checkout.In("sio"), new() { ["LIBTORCH"] = Path.Combine(_checkout.Folder, folder) });

        Assert.Equal(1, result.ExitCode);
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
        Assert.Contains("is no LibTorch: lib/libtorch_cpu.so and include/ATen are not in it" + hint, result.Errors, StringComparison.Ordinal);
        Assert.Empty(_checkout.TakeCalls());
    }

    [Fact]
    public void An_old_SDK_or_none_gives_one_line()
    {
        var old = _checkout.Run(_checkout.In("sio"), new() { ["FAKE_SDK"] = "8.0.404" });
        Assert.Equal(1, old.ExitCode);
        Assert.Contains("the .NET SDK 10 or later is needed", old.Errors, StringComparison.Ordinal);
        Assert.EndsWith("dotnet has 8.0.404\n", old.Errors, StringComparison.Ordinal);

        _checkout.RemoveTool("dotnet");
        var none = _checkout.Sio();
        Assert.Equal(1, none.ExitCode);
        Assert.EndsWith("there is no dotnet on PATH\n", none.Errors, StringComparison.Ordinal);
    }
}
