using System.IO.Compression;
using System.Xml.Linq;
using Sio.Cli.Tests.Commands;

namespace Sio.Cli.Tests.Packaging;

/// <summary>What <c>dotnet pack</c> makes, installed into empty places: the library in a project that has nothing but package references, and the tool.</summary>
public sealed class PackageTests(PackedProduct packed) : IClassFixture<PackedProduct>, IDisposable
{
    private readonly TestFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_console_project_with_package_references_runs_the_training_loop_of_the_example()
    {
        var project = packed.At("loop");
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "loop.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestoreAdditionalProjectSources>{packed.Feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Sio" Version="{packed.Version}" />
                <PackageReference Include="{PackedProduct.LibTorch}" Version="{PackedProduct.VersionOf(PackedProduct.LibTorch)}" />
              </ItemGroup>
            </Project>
            """);
        File.Copy(Path.Combine(PackedProduct.Checkout, "examples", "OwnTrainingLoop", "Program.cs"), Path.Combine(project, "Program.cs"));

        packed.Dotnet(project, "build", "-c", "Release", "-p:UseSharedCompilation=false", "-nodeReuse:false").Succeeded();
        var output = Path.Combine(project, "bin", "Release", "net10.0");
        var run = packed.Dotnet(project, Path.Combine(output, "loop.dll"), "--data", _data.Data, "--images", "120", "--epochs", "2");

        run.Succeeded();
        Assert.Contains("epoch 2 of 2: loss ", run.Output, StringComparison.Ordinal);
        Assert.Contains("AUROC against the other classes: ", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Errors);
        // The synthetic set came from here; recipes and documentation are there too.
        Assert.Equal(Files(Path.Combine(PackedProduct.Checkout, "data")), Files(Path.Combine(output, "data")));
        Assert.Equal(Files(Path.Combine(PackedProduct.Checkout, "recipes"), "*.yml"), Files(Path.Combine(output, "recipes")));
        Assert.True(File.Exists(Path.Combine(output, "Sio.xml")));
    }

    [Fact]
    public void The_tool_installs_and_trains()
    {
        var tools = packed.At("tools");
        packed.Dotnet(packed.Feed, "tool", "install", "Sio.Cli", "--tool-path", tools, "--version", packed.Version, "--source", packed.Feed).Succeeded();
        var sio = Path.Combine(tools, OperatingSystem.IsWindows() ? "sio.exe" : "sio");

        // Without the folder that restoring filled: all that the tool needs is in the tool.
        Outcome Sio(params string[] arguments) => PackedProduct.Run(sio, _data.Root, arguments, ("NUGET_PACKAGES", packed.At("nothing")), ("HOME", packed.At("nothing")));

        Assert.Equal(packed.Version, Sio("--version").Output.Trim());
        Sio("train", _data.Recipe, "--synthetic", _data.Synthetic, "--real-ratio", "0.75", "--set", "training.epochs=1", "--out", "run").Succeeded();
        var evaluated = Sio("evaluate", "run", "--detectors", "msp");
        evaluated.Succeeded();
        Assert.Contains("Near AUROC", evaluated.Output, StringComparison.Ordinal);
        var table = Sio("reproduce", "cifar10", "--dry-run");
        table.Succeeded();
        Sio("detectors", "--markdown").Succeeded();
    }

    [Theory]
    [InlineData("Sio")]
    [InlineData("Sio.Cli")]
    public void A_package_says_what_it_is(string id)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packed.Feed, $"{id}.{packed.Version}.nupkg"));
        using var nuspec = package.GetEntry(id + ".nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

        Assert.Equal((id, "MIT", "README.md"), (Value("id"), Value("license"), Value("readme")));
        Assert.NotNull(package.GetEntry("README.md"));
        foreach (var name in new[] { "description", "authors", "tags", "title" })
            Assert.NotEqual(id, Value(name));
    }

    [Fact]
    public void The_library_depends_on_TorchSharp_and_on_no_LibTorch_and_has_symbols()
    {
        using var package = ZipFile.OpenRead(Path.Combine(packed.Feed, $"Sio.{packed.Version}.nupkg"));
        using var nuspec = package.GetEntry("Sio.nuspec")!.Open();
        var dependencies = XDocument.Load(nuspec).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).ToArray();

        Assert.Contains("TorchSharp", dependencies);
        Assert.DoesNotContain(dependencies, id => id.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase) || id.StartsWith("TorchSharp-", StringComparison.OrdinalIgnoreCase));
        Assert.True(File.Exists(Path.Combine(packed.Feed, $"Sio.{packed.Version}.snupkg")));
    }

    private static string[] Files(string folder, string pattern = "*") =>
        [.. Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
}
