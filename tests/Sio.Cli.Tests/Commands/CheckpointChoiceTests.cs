namespace Sio.Cli.Tests.Commands;

/// <summary><c>sio evaluate --checkpoint</c>: the weights of the end of training, or of the best epoch.</summary>
public sealed class CheckpointChoiceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_epochs_weights_are_measured_where_they_are_asked_for_and_the_results_say_so()
    {
        var run = _folder.At("run");
        var trained = SioProcess.Run("train", _folder.Recipe, "--set", "data.train_images=120", "--set", "training.tensorboard=true", "--out", run);
        trained.Succeeded();
        Assert.Contains(", validation ", trained.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(run, "tensorboard"), "*tfevents*"));

        // What the best epoch had is made visible: the weights of the end of another run.
        var other = _folder.At("other");
        SioProcess.Run("train", _folder.Recipe, "--set", "data.train_images=120", "--set", "training.epochs=1", "--seed", "9", "--out", other).Succeeded();
        File.Copy(Path.Combine(other, "checkpoint", "model.safetensors"), Path.Combine(run, "checkpoint", "best.safetensors"), overwrite: true);
        var (last, best, ofOther) = (Evaluated(run), Evaluated(run, "--checkpoint", "best"), Evaluated(other, "--checkpoint", "last"));
        Assert.Equal(("last", "best", "last"), (last.Checkpoint, best.Checkpoint, ofOther.Checkpoint));
        Assert.Equal(ofOther.Calibration, best.Calibration);
        Assert.NotEqual(last.Calibration, best.Calibration);
    }

    [Fact]
    public void What_is_not_there_or_no_choice_is_refused_in_one_line()
    {
        var run = _folder.At("run");
        SioProcess.Run("train", _folder.Recipe, "--set", "training.epochs=1", "--out", run).Succeeded();
        var missing = SioProcess.Run("evaluate", run, "--checkpoint", "best");
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("best.safetensors is missing: no epoch has been validated", missing.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(2, SioProcess.Run("evaluate", run, "--checkpoint", "middle").ExitCode);

        var half = SioProcess.Run("train", _folder.Recipe, "--set", "training.precision=float16", "--out", _folder.At("half"));
        Assert.Equal(1, half.ExitCode);
        Assert.Contains("float16 needs a GPU", half.ErrorLine, StringComparison.Ordinal);
        var steps = SioProcess.Run("train", _folder.Recipe, "--set", "training.schedule=step", "--out", _folder.At("steps"));
        Assert.Contains("training.milestones", steps.ErrorLine, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("half")));
    }

    private Experiments.Results.RunResults Evaluated(string run, params string[] more)
    {
        var output = _folder.At(Path.GetRandomFileName());
        SioProcess.Run(["evaluate", run, "--detectors", "msp", "--out", output, .. more]).Succeeded();
        return Experiments.Results.ResultsFile.Read(Path.Combine(output, "results.json")).Arms[0].Runs[0];
    }
}
