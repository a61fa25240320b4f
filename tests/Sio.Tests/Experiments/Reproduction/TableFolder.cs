using Sio.Experiments.Reproduction;
using Sio.Tests.Data;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>A table of two trainings, a second or two each, in a folder of its own.</summary>
internal sealed class TableFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    internal TableFolder(string rows = "", string extraRecipe = "")
    {
        Write("tiny.yml", """
            benchmark: fashion_mnist_6_4
            network: {name: lenet}
            threads: 1
            data: {train_images: 60, validation_images: 0, test_images: 60, noise_images: 20}
            training: {epochs: 1, batch_size: 16, learning_rate: 0.01, padding: 0, flip: false}
            """);
        Write("other.yml", $"base: tiny.yml\n{(extraRecipe.Length > 0 ? extraRecipe : "objective: {name: logitnorm}")}\n");
        Write("table.yml", $$"""
            title: A tiny table
            paper: cifar10
            train_images: 60
            runs: 2
            sio: ["synthetic.path=shipped:synthetic-fashion-mnist-6", synthetic.real_ratio=0.8]
            fast: [training.batch_size=30]
            trainings: {plain: tiny.yml, other: other.yml}
            rows:
              - {method: MSP, group: inference, training: plain, detector: msp}
              - {method: EBO, group: inference, training: plain, detector: ebo}
              - {method: LogitNorm, group: training, training: other, detector: msp}
            {{rows}}
            """);
    }

    internal string Path => _folder.Path;

    internal string TablePath => System.IO.Path.Combine(Path, "table.yml");

    internal string Out => System.IO.Path.Combine(Path, "out");

    internal TableFile Table => TableFile.Read(TablePath);

    internal TablePlan Plan(TableOptions? options = null) => TablePlan.Create(Table, options ?? new TableOptions());

    internal void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

    public void Dispose() => _folder.Dispose();
}
