using System.Runtime.InteropServices;
using Sio.Torch.Nn;

namespace Sio.Torch.Tests;

/// <summary>The model of <c>Fixtures/script</c> was traced in Python: images → (logits, features); <c>make_script.py</c> says more.</summary>
public sealed class ScriptModuleTests : IDisposable
{
    private const int Count = 12;
    private static readonly string s_model = Path.Combine(AppContext.BaseDirectory, "Fixtures", "script", "model.pt");
    private static readonly float[] s_values = MemoryMarshal.Cast<byte, float>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "script", "script.bin"))).ToArray();

    private readonly string _folder = Directory.CreateTempSubdirectory("sio-script-").FullName;

    private static ReadOnlySpan<float> Logits => s_values.AsSpan(Count * 3072, Count * 10);

    private static ReadOnlySpan<float> Features => s_values.AsSpan(Count * 3082, Count * 64);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_of_Python_gives_what_it_gave_there()
    {
        var before = Support.SettledLiveTensors();
        using (var scope = new TensorScope())
        {
            using var model = ScriptModule.Load(s_model);
            AssertReference(model, 1e-4f);
            using var frozen = model.Freeze();
            AssertReference(frozen, 1e-4f);
            using var fast = frozen.OptimizeForInference();
            AssertReference(fast, 1e-4f);
            AssertReference(frozen, 1e-4f);
            using var direct = model.OptimizeForInference();
            AssertReference(direct, 1e-4f);
            AssertReference(model, 1e-4f);
            model.Eval();
            model.To(Device.Cpu);
            AssertReference(model, 1e-4f);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_saved_model_is_the_same_model()
    {
        using var scope = new TensorScope();
        using var model = ScriptModule.Load(s_model);
        using var frozen = model.Freeze();
        foreach (var (module, name) in new[] { (model, "plain.pt"), (frozen, "frozen.pt") })
        {
            var path = Path.Combine(_folder, name);
            module.Save(path);
            using var again = ScriptModule.Load(path);
            AssertReference(again, 1e-4f);
        }
    }

    [Fact]
    public void Weights_have_their_names_of_Python_and_share_the_modules_memory()
    {
        var before = Support.SettledLiveTensors();
        using (var scope = new TensorScope())
        using (var model = ScriptModule.Load(s_model))
        {
            var weights = model.Weights();
            var shapes = weights.ToDictionary(entry => entry.Name, entry => entry.Value.Shape);
            Assert.Equal([10L, 64L], shapes["net.fc.weight"]);
            Assert.Equal([10L], shapes["net.fc.bias"]);
            Assert.Equal([16L], shapes["net.bn1.running_mean"]);
            using (GradMode.NoGrad())
                weights.Single(entry => entry.Name == "net.fc.bias").Value.Add_(1);
            Assert.Equal(Logits.ToArray().Select(value => value + 1).ToArray(), model.Forward(Images())[0].ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4f);
            using var frozen = model.Freeze();
            Assert.Empty(frozen.Weights());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Gradients_go_through_a_model_to_its_input()
    {
        using var scope = new TensorScope();
        using var model = ScriptModule.Load(s_model);
        // The first calls are profiled, later ones compiled: the gradient is the same.
        Tensor? first = null;
        for (var i = 0; i < 4; i++)
        {
            var x = Images();
            x.RequiresGrad = true;
            var gradient = model.Forward(x)[0].Sum().Gradients([x])[0]!;
            first ??= gradient;
            Assert.Equal(first.ToArray<float>(), gradient.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4f);
        }

        Assert.True(first!.Abs().Max().Item().ToDouble() > 1e-3);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named_in_one_line()
    {
        var before = Support.SettledLiveTensors();
        var missing = Path.Combine(_folder, "missing.pt");
        Assert.Equal($"load TorchScript: {missing} does not exist", AssertRefused(missing));
        Assert.Contains("is a folder", AssertRefused(_folder), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(s_model);
        var path = Path.Combine(_folder, "damaged.pt");
        foreach (var length in new[] { 0, 1, 3, 4, 100, 1000, bytes.Length / 2, bytes.Length - 5000, bytes.Length - 100, bytes.Length - 1 })
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.StartsWith($"load TorchScript: {path} is damaged or no TorchScript file (", AssertRefused(path), StringComparison.Ordinal);
        }

        File.WriteAllText(path, "no model, but a long enough text to be read as something: " + new string('x', 1000));
        AssertRefused(path);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Failed_calls_say_why_in_one_line_and_leave_no_tensor()
    {
        using var model = ScriptModule.Load(s_model);
        using var images = Images();
        var before = Support.SettledLiveTensors();
        using (var scope = new TensorScope())
        {
            AssertOneLine(Assert.Throws<TorchException>(() => model.Forward(Tensor.Zeros([2, 5, 32, 32]))));
            AssertOneLine(Assert.Throws<TorchException>(() => model.Forward()));
            AssertOneLine(Assert.Throws<TorchException>(() => model.Forward(images, images)));
            AssertOneLine(Assert.Throws<TorchException>(() => model.Save(Path.Combine(_folder, "no", "such", "folder.pt"))));
            using var frozen = model.Freeze();
            Assert.Contains("channels", Assert.Throws<TorchException>(() => frozen.Forward(Tensor.Zeros([2, 5, 32, 32]))).Reason, StringComparison.Ordinal);
            var gone = Tensor.Zeros([1]);
            gone.Dispose();
            Assert.Throws<ObjectDisposedException>(() => model.Forward(images, gone));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Forward(images));
    }

    [Fact]
    public void A_traced_network_repeats_its_operators_on_other_batches()
    {
        using var network = Network();
        network.Eval();
        var before = Support.SettledLiveTensors();
        using (var scope = new TensorScope())
        using (GradMode.NoGrad())
        {
            var example = Tensor.Rand([2, 3, 8, 8]);
            using var traced = ScriptModule.Trace(x => [network.Forward(x)], example, network.StateDict());
            using var frozen = traced.Freeze();
            using var fast = frozen.OptimizeForInference();
            var path = Path.Combine(_folder, "traced.pt");
            frozen.Save(path);
            using var loaded = ScriptModule.Load(path);
            foreach (var batch in new[] { 2, 1, 7, 2, 30 })
            {
                var x = Tensor.Rand([batch, 3, 8, 8]);
                var expected = network.Forward(x).ToArray<float>();
                foreach (var module in new[] { traced, frozen, fast, loaded })
                    Assert.Equal(expected, Assert.Single(module.Forward(x)).ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-5f);
            }
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Tracing_shares_weights_and_gives_several_outputs()
    {
        using var scope = new TensorScope();
        var weight = Tensor.From([1f, 2, 3]);
        weight.RequiresGrad = true;
        using var traced = ScriptModule.Trace(x => [x * weight, x + 1], Tensor.Ones([3]), [("a.weight", weight)]);
        using (GradMode.NoGrad())
            weight.Fill_(5);
        var outputs = traced.Forward(Tensor.From([1f, 2, 3]));
        Assert.Equal(2, outputs.Length);
        Assert.Equal([5f, 10, 15], outputs[0].ToArray<float>());
        Assert.Equal([2f, 3, 4], outputs[1].ToArray<float>());
        Assert.True(outputs[0].RequiresGrad);
    }

    [Fact]
    public void A_function_that_fails_under_tracing_fails_as_itself_and_tracing_is_over()
    {
        using var example = Tensor.Ones([3]);
        using var weight = Tensor.Ones([3]);
        weight.RequiresGrad = true;
        var before = Support.SettledLiveTensors();
        using (var scope = new TensorScope())
        {
            Assert.Throws<InvalidTimeZoneException>(() => ScriptModule.Trace(_ => throw new InvalidTimeZoneException("by itself"), example));
            Assert.Throws<TorchException>(() => ScriptModule.Trace(x => [x.Reshape(7)], example));
            Assert.Throws<ArgumentException>(() => ScriptModule.Trace(_ => [], example));
            var error = Assert.Throws<TorchException>(() => ScriptModule.Trace(x => [x * weight], example));
            Assert.Contains("requires grad", error.Message, StringComparison.Ordinal);
            using var traced = ScriptModule.Trace(x => [x * 2], example);
            Assert.Equal([2f, 2, 2], traced.Forward(example)[0].ToArray<float>());
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static string AssertRefused(string path)
    {
        var error = Assert.Throws<TorchException>(() => ScriptModule.Load(path));
        AssertOneLine(error);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private static void AssertOneLine(TorchException error)
    {
        Assert.DoesNotContain('\n', error.Message);
        Assert.NotEmpty(error.Reason);
    }

    private static void AssertReference(ScriptModule model, float tolerance)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.NoGrad();
        // The first call is profiled, the second compiles, the third runs what was compiled.
        for (var i = 0; i < 3; i++)
        {
            var outputs = model.Forward(Images());
            Assert.Equal(2, outputs.Length);
            Assert.Equal(Logits.ToArray(), outputs[0].ToArray<float>(), (a, b) => Math.Abs(a - b) <= tolerance);
            Assert.Equal(Features.ToArray(), outputs[1].ToArray<float>(), (a, b) => Math.Abs(a - b) <= tolerance);
        }
    }

    private static Tensor Images() => Tensor.From<float>(s_values.AsSpan(0, Count * 3072), Count, 3, 32, 32);

    private static Sequential Network() => new(
        new Conv2d(3, 8, 3, padding: 1, bias: false), new BatchNorm2d(8), new ReLU(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(8, 4));
}
