using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Evaluation.Benchmarks;
using Sio.Networks;
using Sio.Recipes;
using Sio.Training;
using Sio.Training.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Experiments;

/// <summary>A recipe with its images, checked and resolved: ready to be trained or evaluated.</summary>
public sealed class Run
{
    /// <summary>The prefix of <c>synthetic.path</c> that names a set which comes with the program.</summary>
    public const string ShippedPrefix = ShippedSets.Prefix;

    /// <summary>The real ratio used when synthetic images are given without one: SIO's on CIFAR.</summary>
    public const double DefaultRealRatio = 0.8;

    private readonly TrainingPlan _plan;
    private readonly List<string> _notes = [];

    private Run(Recipe recipe, BenchmarkData data, ImageSet? synthetic, TrainingPlan plan)
    {
        Recipe = recipe;
        Data = data;
        Synthetic = synthetic;
        _plan = plan;
    }

    /// <summary>The resolved recipe: nothing left to defaults.</summary>
    public Recipe Recipe { get; }

    /// <summary>The benchmark's images.</summary>
    public BenchmarkData Data { get; }

    /// <summary>The synthetic images, in the benchmark's labels; null for none.</summary>
    public ImageSet? Synthetic { get; }

    /// <summary>The normalisation, in training and evaluation.</summary>
    public Normalization Normalization => _plan.Normalization;

    /// <summary>Name of the arm this run belongs to: sio with synthetic images, else baseline.</summary>
    public string Arm => UsesSynthetic(Recipe.Synthetic) ? "sio" : "baseline";

    /// <summary>Fills in what a recipe leaves open, and loads its images.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="loaded">The benchmark's images, when the caller has them from a run with the same <c>data</c> part.</param>
    /// <param name="cancellation">Stops between files and pictures.</param>
    /// <exception cref="RecipeException">The recipe contradicts itself.</exception>
    /// <exception cref="UnknownNameException">A benchmark, network or detector does not exist.</exception>
    /// <exception cref="DataException">Images are missing, damaged, or do not fit.</exception>
    public static Run Prepare(Recipe recipe, BenchmarkData? loaded = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var resolved = Resolve(recipe);
        var data = loaded ?? LoadData(resolved, cancellation);
        resolved = resolved with
        {
            Training = resolved.Training with
            {
                Mean = resolved.Training.Mean ?? data.Normalization.Mean,
                Std = resolved.Training.Std ?? data.Normalization.Std,
            },
        };
        CheckNormalization(resolved.Training, data.Train.Channels);
        var notes = new List<string>();
        var synthetic = UsesSynthetic(resolved.Synthetic) ? LoadSynthetic(resolved.Synthetic.Path, data, notes.Add, cancellation) : null;
        var run = new Run(resolved, data, synthetic, PlanFactory.Create(resolved));
        run._notes.AddRange(notes);
        return run;
    }

    /// <summary>Loads a benchmark's images.</summary>
    /// <inheritdoc cref="Prepare" path="/exception"/>
    public static BenchmarkData LoadData(Recipe recipe, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var data = recipe.Data;
        var options = new BenchmarkOptions
        {
            Folder = data.Folder,
            TrainImages = data.TrainImages,
            ValidationImages = data.ValidationImages,
            TestImages = data.TestImages,
            SubsetSeed = data.SubsetSeed,
            NoiseImages = data.NoiseImages,
            Mnist = data.Mnist,
            Split = data.Split,
            Train = data.Train,
            Validation = data.Validation,
            Test = data.Test,
            Near = data.Near,
            Far = data.Far,
            ShiftedId = data.ShiftedId,
            Cancellation = cancellation,
        };
        var images = BenchmarkCatalog.Load(recipe.Benchmark, options);
        if (data.CorruptionSeverity > 0)
            images = images with { ShiftedId = [.. images.ShiftedId, .. Corruptions.All(images.Test, data.CorruptionSeverity, data.SubsetSeed)] };
        images = images with { ValidationOod = ValidationOodImages.For(images, data.ValidationOod, data.SubsetSeed) };
        images.Check();
        return images;
    }

    /// <summary>Trains into a folder, which holds the resolved recipe from the start.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resume">Go on from the folder's checkpoint, if there is one.</param>
    /// <param name="observer">Is told each step.</param>
    /// <param name="cancellation">Stops after the step under way, with a checkpoint.</param>
    /// <returns>Seconds that training took, interruptions left out.</returns>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="TrainingFailedException">The loss is no number any more.</exception>
    /// <exception cref="DataException">The folder cannot be written, belongs to another recipe, or another process trains there.</exception>
    public double Train(RunFolder folder, bool resume, RunObserver? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        observer ??= new RunObserver();
        TorchRuntime.Threads = Recipe.Threads;
        RefuseUndrawnSynthetic(Recipe);
        RefuseOwnWeights(folder);
        foreach (var idle in IdleKeys.Warnings(Recipe))
            observer.Warn(idle);
        foreach (var missing in Data.Missing)
            observer.Warn($"the {missing.Group} set '{missing.Name}' is not at hand: {missing.Hint}");
        foreach (var note in Data.Notes.Concat(_notes).Concat(ClassCoverage.Warnings(Data.Train, Data.Test)))
            observer.Warn(note);
        var (auxiliary, mixing) = LoadForObjective(observer, cancellation);
        var weights = Synthetic is not null && Recipe.Synthetic.Weights is { } file ? SyntheticWeights.Load(file, Synthetic.Count) : null;
        var trainer = new Trainer(_plan, Recipe.Network.Name, Data.Train, Synthetic, auxiliary, weights)
        {
            Overlaps =
            [
                .. TestOverlaps.Report(Data, new TrainedImages(Synthetic, auxiliary, mixing), Recipe.Objective.RefuseOverlap, observer),
                .. TestOverlaps.ReportKnown(Data, Synthetic, observer),
            ],
            Device = Devices.Parse(Recipe.Device),
            CheckpointEverySteps = Recipe.Training.CheckpointEverySteps,
            ValidationImages = Data.Validation,
            ValidateEveryEpochs = Recipe.Training.ValidateEveryEpochs,
            LogEverySteps = Recipe.Training.LogEverySteps,
            TensorBoard = Recipe.Training.Tensorboard,
            Progress = observer.Trained,
        };
        foreach (var notice in trainer.Notices)
            observer.Warn(notice);
        folder.Create();
        using var own = folder.Lock();
        if (resume)
            CheckSameRecipe(folder);
        else
            folder.Clear();
        AtomicFile.WriteAllText(folder.RecipePath, RecipeWriter.Write(Recipe));
        var (model, seconds) = trainer.Run(folder.Path, resume, cancellation);
        model.Dispose();
        return seconds;
    }

    /// <summary>Makes the network with the folder's trained weights, on the recipe's device.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="choice">The weights of the end of training, or those of the best epoch.</param>
    /// <exception cref="DataException">There are no weights, or another network's.</exception>
    public Classifier LoadModel(RunFolder folder, CheckpointChoice choice = CheckpointChoice.Last)
    {
        ArgumentNullException.ThrowIfNull(folder);
        TorchRuntime.Threads = Recipe.Threads;
        var model = NewModel();
        try
        {
            folder.Checkpoint.LoadModel(model, choice);
            var device = Devices.Parse(Recipe.Device);
            model.to(device);
            var extension = model.Extension!;
            extension.to(device);
            extension.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Makes the recipe's network with random weights, on the CPU.</summary>
    /// <exception cref="DataException">The network is not made for such images.</exception>
    public Classifier NewModel() => ClassifierFactory.Create(_plan, Recipe.Network.Name, Data.Train, generator: null);

    /// <summary>Fills in what a recipe leaves open, apart from what the images say.</summary>
    internal static Recipe Resolve(Recipe recipe)
    {
        var synthetic = recipe.Synthetic;
        var ratio = synthetic.RealRatio ?? (synthetic.Path is null ? 1 : DefaultRealRatio);
        var least = Math.Min(ratio, synthetic.FinalRealRatio ?? 1);
        if (least < 1 && synthetic.Path is null)
        {
            var key = ratio == least ? "real_ratio" : "final_real_ratio";
            throw new RecipeException(string.Create(
                CultureInfo.InvariantCulture, $"synthetic.{key} is {least}, but there are no synthetic images: give synthetic.path (--synthetic) or a ratio of 1"));
        }

        foreach (var detector in recipe.Evaluation.Detectors.Where(name => name != DetectorRoster.All && !Catalog<Detector>.Names.Contains(name)))
            throw new UnknownNameException(nameof(Detector), detector, Catalog<Detector>.Names);
        DetectorFactory.Check(recipe.Evaluation.Settings);
        if (!Catalog<Classifier>.Names.Contains(recipe.Network.Name))
            throw new UnknownNameException("Network", recipe.Network.Name, Catalog<Classifier>.Names);
        var objective = ObjectiveFactory.Resolve(new ObjectiveChoice(recipe.Objective.Name, recipe.Objective.Settings));
        if (recipe.Training.LearningRate == 0)
            throw new RecipeException("training.learning_rate must be above 0");
        if (recipe.Training is { Nesterov: true, Momentum: 0 })
            throw new RecipeException("training.nesterov needs training.momentum above 0");
        CheckDevice(recipe.Device);
        if (recipe.Training.Precision == TrainingPrecision.Float16 && Devices.Parse(recipe.Device).type == DeviceType.CPU)
            throw new RecipeException("training.precision float16 needs a GPU (device: cuda); on a CPU there are float32 and bfloat16");
        if (recipe.Training is { Schedule: ScheduleKind.Step, Milestones.Count: 0 })
            throw new RecipeException("training.schedule step needs training.milestones: the epochs after which the learning rate changes");
        return recipe with
        {
            // Absolute, so that the run can be evaluated from any folder.
            Benchmark = BenchmarkFile.IsFile(recipe.Benchmark) ? Absolute(recipe.Benchmark, "benchmark") : recipe.Benchmark,
            Data = recipe.Data with
            {
                Folder = Absolute(recipe.Data.Folder, "data.folder"),
                Mnist = Absolute(recipe.Data.Mnist, "data.mnist"),
                Train = Sources(recipe.Data.Train, "data.train"),
                Validation = Sources(recipe.Data.Validation, "data.validation"),
                ValidationOod = Absolute(recipe.Data.ValidationOod, "data.validation_ood"),
                Test = Sources(recipe.Data.Test, "data.test"),
                Near = Sources(recipe.Data.Near, "data.near"),
                Far = Sources(recipe.Data.Far, "data.far"),
                ShiftedId = Sources(recipe.Data.ShiftedId, "data.shifted_id"),
            },
            Objective = recipe.Objective with { Settings = new Dictionary<string, string>(objective.Settings), Auxiliary = Sources(recipe.Objective.Auxiliary, "objective.auxiliary") },
            Network = recipe.Network with { Init = WeightsFile(Absolute(recipe.Network.Init, "network.init")) },
            Synthetic = synthetic with
            {
                Path = IsShipped(synthetic.Path) ? synthetic.Path : Absolute(synthetic.Path, "synthetic.path"), RealRatio = ratio, Weights = Absolute(synthetic.Weights, "synthetic.weights"),
            },
            Threads = recipe.Threads == 0 ? Environment.ProcessorCount : recipe.Threads,
            Training = recipe.Training with { MemoryFormat = recipe.Training.MemoryFormat ?? TrainingChoices.Fastest(recipe.Device) },
        };
    }

    /// <summary>What was begun with one recipe is not gone on with by another.</summary>
    /// <exception cref="DataException">They differ; the message says where.</exception>
    internal static void CheckSameRecipe(object earlier, object current, string folder)
    {
        var before = RecipeWriter.Write(earlier, comments: false).Split('\n');
        var now = RecipeWriter.Write(current, comments: false).Split('\n');
        for (var i = 0; i < Math.Max(before.Length, now.Length); i++)
        {
            var (old, fresh) = (before.ElementAtOrDefault(i)?.Trim(), now.ElementAtOrDefault(i)?.Trim());
            if (old != fresh)
                throw new DataException($"{folder} was begun with another recipe ('{old}' there, '{fresh}' now): resume it with its own recipe.yml, or choose another --out");
        }
    }

    /// <summary>Refuses to train by a resolved recipe whose way to a lower real ratio ends before its first step: it would be SIO's by name, and draw no synthetic image.</summary>
    /// <exception cref="RecipeException">It is such a recipe.</exception>
    internal static void RefuseUndrawnSynthetic(Recipe recipe)
    {
        if (recipe is { Synthetic: { RealRatio: 1, FinalRealRatio: < 1 }, Training.Epochs: 1 })
            throw new RecipeException("synthetic.final_real_ratio is for the last epoch, and training.epochs 1 has only the first, at a synthetic.real_ratio of 1: no synthetic image would be drawn; give more epochs or a real_ratio below 1");
    }

    /// <summary>Whether any epoch draws synthetic images, by a resolved recipe.</summary>
    internal static bool UsesSynthetic(SyntheticRecipe synthetic) => synthetic.RealRatio < 1 || synthetic.FinalRealRatio < 1;

    // A run's folder stands for the weights that it ended with.
    private static string? WeightsFile(string? path) => path is not null && Directory.Exists(path) ? new RunFolder(path).Checkpoint.ModelPath : path;

    private static bool IsShipped(string? path) => path?.StartsWith(ShippedPrefix, StringComparison.Ordinal) == true;

    [return: NotNullIfNotNull(nameof(path))]
    private static string? Absolute(string? path, string key)
    {
        RefuseNoPath(path, key, isEmpty: path?.Length == 0);
        return path is null ? null : Path.GetFullPath(path);
    }

    // Images may be a path, or sources of which the first that is there counts.
    [return: NotNullIfNotNull(nameof(text))]
    private static string? Sources(string? text, string key)
    {
        RefuseNoPath(text, key, isEmpty: text is not null && ImageSourceFinder.Alternatives(text).Length == 0);
        return text is null ? null : ImageSourceFinder.Absolute(text, Environment.CurrentDirectory);
    }

    private static Dictionary<string, string> Sources(Dictionary<string, string> sets, string key) => sets.ToDictionary(entry => entry.Key, entry => Sources(entry.Value, $"{key}.{entry.Key}"));

    private static void RefuseNoPath(string? path, string key, bool isEmpty)
    {
        if (isEmpty || path?.Contains('\0', StringComparison.Ordinal) == true)
            throw new RecipeException($"{key} is '{path?.Replace('\0', '?')}', which names no file or folder: leave the key out, or give it a path");
    }

    private static void CheckDevice(string name)
    {
        // A recipe is read by commands that need no LibTorch, too.
        if (name == "cpu")
            return;
        Device device;
        try
        {
            device = Devices.Parse(name);
        }
        catch (FormatException error)
        {
            throw new RecipeException($"device: {error.Message}", error);
        }

        if (device.type == DeviceType.CUDA && Math.Max(device.index, 0) >= TorchRuntime.CudaDeviceCount)
            throw new DataException($"device {name}: LibTorch sees {TorchRuntime.CudaDeviceCount} CUDA devices here ('sio doctor' tells more)");
    }

    private static void CheckNormalization(TrainingRecipe training, int channels)
    {
        if (training.Mean!.Length != channels || training.Std!.Length != channels)
            throw new RecipeException($"training.mean and training.std have {training.Mean.Length} and {training.Std!.Length} values, the images have {channels} channels");
        if (training.Mean.Any(mean => !float.IsFinite(mean)))
            throw new RecipeException("training.mean must be finite");
        if (training.Std.Any(std => !(std > 0 && float.IsFinite(std))))
            throw new RecipeException("training.std must be above 0 and finite");
    }

    private static ImageSet LoadSynthetic(string? path, BenchmarkData data, Action<string> tell, CancellationToken cancellation)
    {
        var file = IsShipped(path) ? ShippedSets.Find(path![ShippedPrefix.Length..]) : path!;
        return SyntheticSet.Load(file, data.Train, data.SyntheticLabels, tell, cancellation);
    }

    // What the training method will use, and no more. Read for training alone: evaluation can do without.
    private (ImageSet? Auxiliary, Lazy<ImageSet>? Mixing) LoadForObjective(RunObserver observer, CancellationToken cancellation)
    {
        var objective = ObjectiveFactory.Create(_plan.Objective);
        var auxiliary = objective.AuxiliaryPerBatch > 0 && Recipe.Objective.Auxiliary is { } source
            ? BenchmarkCatalog.LoadBeside(Recipe.Benchmark, source, "auxiliary", Data.Train, new BenchmarkOptions { Folder = Recipe.Data.Folder, Mnist = Recipe.Data.Mnist, Cancellation = cancellation }, observer.Warn)
            : null;

        // Lazy: the method looks at its pictures first, and says better what they lack.
        var mixing = objective.MixingSource is { } path
            ? new Lazy<ImageSet>(() => BenchmarkCatalog.LoadMixing(Recipe.Benchmark, path, "mixing", Data.Train, observer.Warn))
            : null;
        return (auxiliary, mixing);
    }

    // Training writes its own weights over them, and a new start deletes what the folder had before the first is read.
    private void RefuseOwnWeights(RunFolder folder)
    {
        var checkpoint = folder.Checkpoint;
        if (Recipe.Network.Init is { } init && new[] { checkpoint.ModelPath, checkpoint.BestPath, checkpoint.LastPath }.Contains(init))
            throw new DataException($"network.init is {init}, which this run would write over: choose another --out");
    }

    private void CheckSameRecipe(RunFolder folder)
    {
        if (File.Exists(folder.RecipePath) && File.Exists(folder.Checkpoint.LastPath))
            CheckSameRecipe(RecipeReader.Read<Recipe>(folder.RecipePath), Recipe, folder.Path);
    }
}
