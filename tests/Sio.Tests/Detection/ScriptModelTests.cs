using System.Runtime.InteropServices;
using Sio.Data;
using Sio.Detection;
using Sio.Engine;
using Sio.Nn;
using Sio.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

/// <summary>The model of <c>Fixtures/torch/script</c> was traced in Python: images → (logits, features); <c>make_script.py</c> says more.</summary>
public sealed class ScriptModelTests : IDisposable
{
    private const int Count = 12;
    private static readonly string s_model = Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "script", "model.pt");
    private static readonly float[] s_values = MemoryMarshal.Cast<byte, float>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "script", "script.bin"))).ToArray();

    private readonly TempFolder _folder = new();

    private static ReadOnlySpan<float> Logits => s_values.AsSpan(Count * 3072, Count * 10);

    private static ReadOnlySpan<float> Features => s_values.AsSpan(Count * 3082, Count * 64);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_of_Python_gives_what_it_gave_there()
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        {
            using var model = ScriptFile.Load(s_model);
            AssertReference(model, 1e-4f);
            using var frozen = ScriptFile.Load(ScriptModels.At("reference_frozen"));
            AssertReference(frozen, 1e-4f);
            model.eval();
            model.to(CPU);
            AssertReference(model, 1e-4f);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void A_saved_model_is_the_same_model()
    {
        using var scope = NewDisposeScope();
        foreach (var (from, name) in new[] { (s_model, "plain.pt"), (ScriptModels.At("reference_frozen"), "frozen.pt") })
        {
            using var module = ScriptFile.Load(from);
            var path = _folder.File(name);
            jit.save(module, path);
            using var again = ScriptFile.Load(path);
            AssertReference(again, 1e-4f);
        }
    }

    [Fact]
    public void Weights_have_their_names_of_Python_and_share_the_modules_memory()
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        {
            using var model = ScriptFile.Load(s_model);
            var weights = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
            Assert.Equal([10L, 64L], weights["net.fc.weight"].shape);
            Assert.Equal([10L], weights["net.fc.bias"].shape);
            Assert.Equal([16L], model.named_buffers().Single(entry => entry.name == "net.bn1.running_mean").buffer.shape);
            using (no_grad())
                weights["net.fc.bias"].add_(1);
            var (logits, _) = new ScriptModel(model, std: null).Forward(Images());
            Assert.Equal(Logits.ToArray().Select(value => value + 1).ToArray(), logits.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4f);
            using var frozen = ScriptFile.Load(ScriptModels.At("reference_frozen"));
            Assert.Empty(frozen.named_parameters());
            Assert.Empty(frozen.named_buffers());
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void Gradients_go_through_a_model_to_its_input()
    {
        using var scope = NewDisposeScope();
        using var module = ScriptFile.Load(s_model);
        var model = new ScriptModel(module, std: null);
        // The first calls are profiled, later ones compiled: the gradient is the same.
        Tensor? first = null;
        for (var i = 0; i < 4; i++)
        {
            var x = Images();
            x.requires_grad = true;
            var gradient = autograd.grad([model.Forward(x).Logits.sum()], [x])[0];
            first ??= gradient;
            Assert.Equal(first.ToArray<float>(), gradient.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4f);
        }

        Assert.True(first!.abs().max().ToDouble() > 1e-3);
    }

    [Fact]
    public void A_traced_network_is_the_network_on_other_batches_too()
    {
        using var network = nn.Sequential(
            new Conv2d(3, 8, 3, padding: 1, bias: false), new BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten());
        using var head = new Linear(8, 4);
        network.eval();
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            using var traced = ScriptFile.Load(ScriptModels.At("network"));
            using var frozen = ScriptFile.Load(ScriptModels.At("network_frozen"));
            var weights = traced.named_parameters().Select(entry => (entry.name, Value: (Tensor)entry.parameter))
                .Concat(traced.named_buffers().Select(entry => (entry.name, Value: entry.buffer))).ToArray();
            network.LoadStateDict(Under("body."));
            head.LoadStateDict(Under("fc."));
            foreach (var batch in new[] { 2, 1, 7, 2, 30 })
            {
                var x = torch.rand([batch, 3, 8, 8]);
                var expected = network.call(x);
                foreach (var module in new[] { traced, frozen })
                {
                    var (logits, features) = new ScriptModel(module, std: null).Forward(x);
                    Assert.Equal(expected.ToArray<float>(), features.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-5f);
                    Assert.Equal(head.call(expected).ToArray<float>(), logits.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-5f);
                }
            }

            Dictionary<string, Tensor> Under(string prefix) => weights.Where(entry => entry.name.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.name[prefix.Length..], entry => entry.Value);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Theory]
    [InlineData("network")]
    [InlineData("list")]
    [InlineData("with_number")]
    public void Logits_and_features_come_in_a_tuple_or_a_list(string name)
    {
        using var scope = NewDisposeScope();
        using var module = ScriptModels.Load(name);
        var (logits, features) = new ScriptModel(module, std: null).Forward(torch.rand([2, 3, 8, 8]));
        Assert.Equal((2, 2), (logits.ndim, features.ndim));
        Assert.NotEqual(logits.shape, features.shape);
    }

    [Theory]
    [InlineData("single", "returns [2,192] float32 for 2 images")]
    [InlineData("flat", "returns [2,192] float32 and [384] float32 for 2 images")]
    [InlineData("nested", "returns [2,3] float32 for 2 images")]
    [InlineData("number", "returns no tensors, expected")]
    [InlineData("dictionary", "returns no tensors or pair of them, expected")]
    public void Other_outputs_are_named(string name, string expected)
    {
        var before = TensorCount.Settled();
        using (var scope = NewDisposeScope())
        {
            using var module = ScriptModels.Load(name);
            var error = Assert.Throws<DetectionException>(() => new ScriptModel(module, std: null).Forward(torch.zeros([2, 3, 8, 8])));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named_in_one_line()
    {
        var before = TensorCount.Settled();
        Assert.Contains("does not exist", AssertRejected(_folder.File("missing.pt")), StringComparison.Ordinal);
        Assert.Contains("is a folder", AssertRejected(_folder.Path), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(s_model);
        var path = _folder.File("damaged.pt");
        foreach (var length in new[] { 0, 1, 3, 4, 100, 1000, bytes.Length / 2, bytes.Length - 5000, bytes.Length - 100, bytes.Length - 1 })
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.StartsWith($"{path} is damaged or another kind of file; TorchScript was expected", AssertRejected(path), StringComparison.Ordinal);
        }

        File.WriteAllText(path, "no model, but a long enough text to be read as something: " + new string('x', 1000));
        AssertRejected(path);
        Assert.Contains("without the network's program", AssertRejected(Path.Combine(AppContext.BaseDirectory, "Fixtures", "torch", "torch_files", "state_dict.pth")), StringComparison.Ordinal);
        Assert.Equal(before, TensorCount.Settled());
    }

    [Theory]
    [InlineData("network", "[2,5,8,8] float32", "5 channels")]
    [InlineData("network_frozen", "[2,5,8,8] float32", "5 channels")]
    [InlineData("reference_frozen", "[2,5,8,8] float32", "5 channels")]
    [InlineData("two_inputs", "[2,5,8,8] float32", "missing value for argument 'y'")]
    [InlineData("raising", "[2,5,8,8] float32", "builtins.ValueError: no images of this kind: other ones")]
    public void Failed_calls_say_why_in_one_line_and_leave_no_tensor(string name, string shape, string reason)
    {
        using var module = ScriptModels.Load(name);
        using var images = torch.zeros([2, 5, 8, 8]);
        var model = new ScriptModel(module, std: null);
        var before = TensorCount.Settled();
        for (var i = 0; i < 3; i++)
        {
            var error = Assert.Throws<TorchException>(() => model.Forward(images));
            Assert.StartsWith($"TorchScript forward({shape}): ", error.Message, StringComparison.Ordinal);
            Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
            foreach (var unwanted in new[] { "\n", "frame #", "Traceback", "HERE" })
                Assert.DoesNotContain(unwanted, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, TensorCount.Settled());
    }

    private static string AssertRejected(string path)
    {
        var error = Assert.Throws<DataException>(() => ScriptFile.Load(path));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private static void AssertReference(jit.ScriptModule module, float tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var model = new ScriptModel(module, std: null);
        // The first call is profiled, the second compiles, the third runs what was compiled.
        for (var i = 0; i < 3; i++)
        {
            var (logits, features) = model.Forward(Images());
            Assert.Equal(Logits.ToArray(), logits.ToArray<float>(), (a, b) => Math.Abs(a - b) <= tolerance);
            Assert.Equal(Features.ToArray(), features.ToArray<float>(), (a, b) => Math.Abs(a - b) <= tolerance);
        }
    }

    private static Tensor Images() => TensorMemory.From<float>(s_values.AsSpan(0, Count * 3072), [Count, 3, 32, 32]);
}
