using Sio.Engine;
using Sio.Optim;
using TorchSharp;
using static TorchSharp.torch;

namespace Sio.Tests.Optim;

public sealed class OptimizerTests
{
    public static TheoryData<string> Names => new("sgd", "sgd_momentum", "sgd_nesterov", "adam", "adamw");

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_step_is_PyTorchs(string name)
    {
        using var scope = NewDisposeScope();
        var reference = TorchFixtures.Fixture("reference.json").GetProperty("optimisers");
        var parameter = torch.tensor(reference.GetProperty("start").Doubles());
        parameter.requires_grad = true;
        using var optimizer = Make(name, parameter);
        var expected = reference.GetProperty(name).EnumerateArray().Select(row => row.Doubles()).ToArray();
        var gradients = reference.GetProperty("gradients").EnumerateArray().Select(row => row.Doubles()).ToArray();
        for (var i = 0; i < expected.Length; i++)
        {
            parameter.grad = torch.tensor(gradients[i]);
            optimizer.Step();
            TorchFixtures.Near(expected[i], parameter.ToArray<double>(), 1e-14);
        }

        Assert.Equal(expected.Length, optimizer.Steps);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_loaded_state_goes_on_bit_for_bit(string name)
    {
        using var scope = NewDisposeScope();
        var gradients = Enumerable.Range(0, 6).Select(i => torch.tensor(new double[] { i - 2.5, 1.0 / (i + 1) })).ToArray();
        var whole = Run(name, gradients, breakAt: null);
        for (var at = 0; at <= gradients.Length; at++)
            Assert.Equal(whole, Run(name, gradients, at));
    }

    [Fact]
    public void A_loaded_state_takes_the_place_of_the_old_one()
    {
        using var scope = NewDisposeScope();
        using var fresh = Make("sgd_momentum", torch.tensor(new double[] { 1.0 }));
        var p = torch.tensor(new double[] { 1.0 });
        using var used = Make("sgd_momentum", p);
        p.grad = torch.tensor(new double[] { 1.0 });
        used.Step();
        Assert.Single(used.StateDict());
        used.LoadStateDict(fresh.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value), 0);
        Assert.Empty(used.StateDict());
        Assert.Equal(0, used.Steps);
        used.Step();
        used.LoadStateDict(used.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value), 1);
        Assert.Single(used.StateDict());
    }

    [Fact]
    public void The_base_trainers_steps_are_the_reference()
    {
        using var scope = NewDisposeScope();
        var reference = TorchFixtures.Fixture("training.json").GetProperty("sgd_nesterov");
        var parameter = torch.tensor(reference.GetProperty("param_before").Doubles());
        parameter.requires_grad = true;
        using var optimizer = new Sgd(
            [parameter], reference.GetProperty("lr").GetDouble(), reference.GetProperty("momentum").GetDouble(),
            reference.GetProperty("weight_decay").GetDouble(), nesterov: true);
        var schedule = new CosineSchedule(0.1, reference.GetProperty("total_steps").GetInt64());
        var step = 0;
        foreach (var row in reference.GetProperty("steps").EnumerateArray())
        {
            optimizer.LearningRate = schedule.LearningRate(step++);
            Assert.Equal(row.GetProperty("lr").GetDouble(), optimizer.LearningRate, 15);
            parameter.grad = torch.tensor(row.GetProperty("grad").Doubles());
            optimizer.Step();
            TorchFixtures.Near(row.GetProperty("param_after").Doubles(), parameter.ToArray<double>(), 1e-13);
        }
    }

    [Fact]
    public void The_learning_rate_follows_the_reference()
    {
        foreach (var row in TorchFixtures.Fixture("training.json").GetProperty("cosine_lr").GetProperty("rows").EnumerateArray())
        {
            var schedule = new CosineSchedule(row.GetProperty("lr").GetDouble(), row.GetProperty("total_steps").GetInt64());
            foreach (var pair in row.GetProperty("lr_used_at_step").EnumerateArray())
                Assert.Equal(pair[1].GetDouble(), schedule.LearningRate(pair[0].GetInt64()), 1e-15);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(0.1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(0.1, 5).LearningRate(-1));
    }

    [Fact]
    public void Groups_have_their_own_decay_and_rate()
    {
        using var scope = NewDisposeScope();
        var a = torch.tensor(new double[] { 1.0 });
        var b = torch.tensor(new double[] { 1.0 });
        using var optimizer = new Sgd([new ParameterGroup([a], WeightDecay: 0.5), new ParameterGroup([b], LearningRateScale: 10)], 0.1);
        a.grad = torch.tensor(new double[] { 1.0 });
        b.grad = torch.tensor(new double[] { 1.0 });
        optimizer.Step();
        Assert.Equal(0.85, a.ToDouble(), 15);
        Assert.Equal(0.0, b.ToDouble(), 15);
        optimizer.ZeroGrad();
        Assert.Null(a.grad);
        optimizer.Step();
        Assert.Equal(0.85, a.ToDouble(), 15);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var scope = NewDisposeScope();
        var p = torch.tensor(new double[] { 1.0, 2 });
        Assert.Throws<ArgumentException>(() => new Sgd([p], 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => new Sgd([p, p], 0.1));
        Assert.Throws<ArgumentException>(() => new Sgd(Array.Empty<Tensor>(), 0.1));
        using var sgd = new Sgd([p], 0.1);
        Assert.Throws<ArgumentException>(() => sgd.LoadStateDict(new Dictionary<string, Tensor> { ["3.momentum_buffer"] = p }, 1));
        Assert.Throws<ArgumentException>(() => sgd.LoadStateDict(new Dictionary<string, Tensor> { ["0.momentum_buffer"] = torch.tensor(new double[] { 1.0 }) }, 1));
    }

    private static double[] Run(string name, Tensor[] gradients, int? breakAt)
    {
        using var scope = NewDisposeScope();
        var parameter = torch.tensor(new double[] { 0.3, -0.7 });
        var optimizer = Make(name, parameter);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (i == breakAt)
            {
                var saved = optimizer.StateDict().ToDictionary(entry => entry.Name, entry => entry.Value.clone());
                var steps = optimizer.Steps;
                optimizer.Dispose();
                parameter = torch.tensor(parameter.ToArray<double>());
                optimizer = Make(name, parameter);
                optimizer.LoadStateDict(saved, steps);
            }

            parameter.grad = gradients[i];
            optimizer.Step();
        }

        optimizer.Dispose();
        return parameter.ToArray<double>();
    }

    private static Optimizer Make(string name, Tensor parameter) => name switch
    {
        "sgd" => new Sgd([parameter], 0.1),
        "sgd_momentum" => new Sgd([parameter], 0.1, momentum: 0.9, weightDecay: 0.01),
        "sgd_nesterov" => new Sgd([parameter], 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true),
        "adam" => new Adam([new ParameterGroup([parameter], 0.01)], 0.01),
        _ => new Adam([new ParameterGroup([parameter], 0.1)], 0.01, 0.8, 0.99, decoupled: true),
    };
}
