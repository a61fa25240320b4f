
using Sio.Engine;
using Sio.Serialization;

namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio import</c>: weights of other programs become a run.</summary>
public sealed class ImportTests : IDisposable
{
    private static readonly string s_checkpoint = Path.Combine(AppContext.BaseDirectory, "Fixtures", "lenet.ckpt");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_checkpoint_of_Python_becomes_a_run_and_is_evaluated()
    {
        var run = _folder.At("run");
        var imported = SioProcess.Run("import", s_checkpoint, _folder.Recipe, "--out", run);
        Assert.Equal((0, ""), (imported.ExitCode, imported.Errors));
        var expected = TorchFile.Read(s_checkpoint);
        using (var content = Safetensors.Read(Path.Combine(run, "checkpoint", "model.safetensors")))
            Assert.All(expected, entry => Assert.True(entry.Value.ValuesEqual(content.Tensors[entry.Key]), entry.Key));
        SioProcess.Run("evaluate", run).Succeeded();

        var again = SioProcess.Run("import", s_checkpoint, _folder.Recipe, "--out", run);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("--overwrite", again.ErrorLine, StringComparison.Ordinal);

        // Our own weights go the same way.
        var copy = _folder.At("copy");
        SioProcess.Run("import", Path.Combine(run, "checkpoint", "model.safetensors"), _folder.Recipe, "--out", copy).Succeeded();
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "checkpoint", "model.safetensors")), File.ReadAllBytes(Path.Combine(copy, "checkpoint", "model.safetensors")));
    }

    [Fact]
    public void Which_weights_were_taken_is_said_and_may_be_chosen()
    {
        var run = _folder.At("run");
        Assert.Contains("Weights: the file's own, ", SioProcess.Run("import", s_checkpoint, _folder.Recipe, "--out", run).Output, StringComparison.Ordinal);
        var other = SioProcess.Run("import", s_checkpoint, _folder.Recipe, "--out", run, "--overwrite", "--weights", "ema");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("no weights of this network under 'ema'", other.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused_and_nothing_is_written()
    {
        var run = _folder.At("run");
        var other = SioProcess.Run("import", s_checkpoint, _folder.Recipe, "--set", "network.name=resnet8_28x28", "--out", run);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("does not fit resnet8_28x28", other.ErrorLine, StringComparison.Ordinal);
        var missing = SioProcess.Run("import", _folder.At("none.ckpt"), _folder.Recipe, "--out", run);
        Assert.Contains("none.ckpt: not found", missing.ErrorLine, StringComparison.Ordinal);
        File.WriteAllBytes(_folder.At("cut.ckpt"), File.ReadAllBytes(s_checkpoint)[..10000]);
        Assert.Contains("cut.ckpt", SioProcess.Run("import", _folder.At("cut.ckpt"), _folder.Recipe, "--out", run).ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }
}
