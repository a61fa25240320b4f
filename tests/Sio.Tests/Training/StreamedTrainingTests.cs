using Sio.Engine;
using Sio.Data;
using Sio.Data.Images;
using Sio.Experiments;
using Sio.Tests.Data;
using Sio.Tests.Data.Images;
using Sio.Training;

namespace Sio.Tests.Training;

/// <summary>Training on images that are read from files where they are needed.</summary>
public sealed class StreamedTrainingTests : IDisposable
{
    private static readonly ImagePreparation s_grey = new() { Channels = 1, ShorterSide = 28, Crop = 28 };
    private readonly ImageTree _tree = new();
    private readonly TempFolder _folder = new();

    public StreamedTrainingTests()
    {
        Write("real", ToyTraining.Real, 28);
        Write("synthetic", ToyTraining.Synthetic, 28);
        Write("validation", ToyTraining.Images("validation", 30), 28);
        Write("large", ToyTraining.Images("large", 70, size: 40), 40);
    }

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_weights_are_those_of_sets_in_memory()
    {
        var before = TensorCount.Settled();
        var plan = ToyTraining.Plan with { Flip = true };
        var expected = Train(plan, "memory", ImageSets.DefaultMemoryLimit, 0);
        Assert.Equal(expected, Train(plan, "one", 0, 1));
        Assert.Equal(expected, Train(plan, "three", 0, 3));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(7, true)]
    [InlineData(11, true)]
    public void A_run_that_was_stopped_ends_with_the_same_bits_whatever_the_threads(int step, bool crop)
    {
        var plan = ToyTraining.Plan with { Flip = true, RandomResizedCrop = crop, Padding = crop ? 0 : 2, CropMinArea = 0.3 };
        var undisturbed = Train(plan, "undisturbed", 0, 1, "large");
        using var stop = new CancellationTokenSource();
        var first = Trainer(plan, 0, 1, "large", progress =>
        {
            if (progress.Step == step)
                stop.Cancel();
        });
        var run = Directory.CreateDirectory(_folder.File("run")).FullName;
        Assert.Throws<OperationCanceledException>(() => first.Run(run, resume: false, stop.Token).Model.Dispose());
        Assert.Equal(undisturbed, ToyTraining.Train(Trainer(plan, 0, 3, "large"), run, resume: true));
        Assert.Equal(ToyTraining.Log(_folder.File("undisturbed")), ToyTraining.Log(run));
    }

    [Fact]
    public void Random_parts_train_other_weights_and_are_part_of_what_is_gone_on_with()
    {
        var plan = ToyTraining.Plan with { Padding = 0, Epochs = 1 };
        var (without, with) = (Train(plan, "without", 0, 1), Train(plan with { RandomResizedCrop = true }, "with", 0, 1));
        Assert.NotEqual(without, with);
        Assert.NotEqual(with, Train(plan with { RandomResizedCrop = true, CropMinArea = 0.9 }, "larger", 0, 1));
        Assert.NotEqual(without, Train(plan with { RandomResizedCrop = true }, "memory", long.MaxValue, 1));
        var error = Assert.Throws<DataException>(() => Trainer(plan with { RandomResizedCrop = true, Epochs = 1, CropMinArea = 0.5 }, 0, 1).Run(_folder.File("with"), resume: true).Model.Dispose());
        Assert.Contains("CropMinArea", error.Message, StringComparison.Ordinal);
        Assert.Contains("a number above 0", Assert.Throws<DataException>(() => Trainer(plan with { CropMinArea = 0 }, 0, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_files_is_not_gone_on_with_in_memory()
    {
        var plan = ToyTraining.Plan with { Epochs = 1 };
        Train(plan, "run", 0, 1);
        var error = Assert.Throws<DataException>(() => Trainer(plan, long.MaxValue, 1).Run(_folder.File("run"), resume: true).Model.Dispose());
        Assert.Contains("real images", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_goes_missing_or_is_cut_off_stops_the_run_and_is_named(bool cut)
    {
        var before = TensorCount.Settled();
        var path = _tree.Path("real/1/00035.png");
        var run = Directory.CreateDirectory(_folder.File("run")).FullName;
        var trainer = Trainer(ToyTraining.Plan with { Epochs = 20 }, 0, 2, progress: progress =>
        {
            if (progress.Step != 6)
                return;
            if (cut)
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
            else
                File.Delete(path);
        });
        var error = Assert.Throws<DataException>(() => trainer.Run(run, resume: false).Model.Dispose());
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.True(new Checkpoint(_folder.File("run/checkpoint")).ReadState()!.Step >= ToyTraining.BatchesPerEpoch);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_recipe_asks_for_random_parts_in_place_of_padding()
    {
        var recipe = new Recipe { Synthetic = new SyntheticRecipe { RealRatio = 1 }, Training = new TrainingRecipe { Mean = [0.5f], Std = [0.5f] } };
        var plan = PlanFactory.Create(recipe);
        Assert.Equal((false, 0.08, 4), (plan.RandomResizedCrop, plan.CropMinArea, plan.Padding));
        plan = PlanFactory.Create(recipe with { Training = recipe.Training with { RandomResizedCrop = true, CropMinArea = 0.25 } });
        Assert.Equal((true, 0.25, 0), (plan.RandomResizedCrop, plan.CropMinArea, plan.Padding));
    }

    private byte[] Train(TrainingPlan plan, string run, long limit, int threads, string real = "real")
    {
        Directory.CreateDirectory(_folder.File(run));
        return ToyTraining.Train(Trainer(plan, limit, threads, real), _folder.File(run));
    }

    private Trainer Trainer(TrainingPlan plan, long limit, int threads, string real = "real", Action<TrainingProgress>? progress = null) =>
        new(plan, "lenet", Open(real, limit, threads), Open("synthetic", limit, threads))
        {
            CheckpointEverySteps = 4, ValidationImages = Open("validation", limit, threads), Progress = progress,
        };

    private ImageSet Open(string name, long limit, int threads) => ImageSets.Open(ImageListing.FromClassFolders(_tree.Path(name)), name, s_grey, memoryLimit: limit, threads: threads);

    private void Write(string name, ImageSet images, int side)
    {
        for (var i = 0; i < images.Count; i++)
            _tree.Write($"{name}/{images.Labels[i]}/{i:D5}.png", Png.Encode(new Picture(side, side, 1, images.Image(i).ToArray())));
    }
}
