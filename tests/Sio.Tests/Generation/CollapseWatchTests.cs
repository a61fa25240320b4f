using Sio.Generation;

namespace Sio.Tests.Generation;

public sealed class CollapseWatchTests
{
    private static readonly GenerationPlan s_plan = new() { Steps = 1050, CheckEverySteps = 100, CheckFrom = 0.25, MinRecall = 0.02 };

    [Fact]
    public void Checks_come_every_so_often_after_the_warm_up_and_at_the_end()
    {
        Assert.Equal([300, 400, 500, 600, 700, 800, 900, 1000, 1050], Due(s_plan));
        Assert.Empty(Due(s_plan with { CheckEverySteps = 0 }));
        Assert.Equal([1050], Due(s_plan with { CheckFrom = 1 }));

        static IEnumerable<long> Due(GenerationPlan plan) => Enumerable.Range(1, plan.Steps).Select(step => (long)step).Where(new CollapseWatch(plan).IsDue);
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(6, 510)]
    [InlineData(100, 500)]
    [InlineData(600, 600)]
    public void Every_class_has_the_same_number_of_samples(int classes, int samples) => Assert.Equal(samples, CollapseWatch.SampleCount(classes));

    // Recall and coverage, check by check; where it stops, from 1, or 0.
    [Theory]
    [InlineData(0, 0.4, 0.3, 0.5, 0.6, 0.7, 0.8)] // as a healthy one
    [InlineData(2, 0, 0, 0.01, 0.02, 0.5, 0.5)] // never like anything real
    [InlineData(0, 0, 0, 0.06, 0.03, 0, 0)] // one good check in between
    [InlineData(0, 0, 0.5, 0, 0.6, 0, 0.7)] // images that differ in noise: recall says nothing
    [InlineData(3, 0.5, 0.5, 0.01, 0.6, 0, 0.7)] // was good, and has narrowed to few images, good ones
    [InlineData(0, 1, 0, 0, 0.5, 0, 0.5)] // wild patterns do not count as good
    [InlineData(2, 1, 0, 0.6, 0.01, 0, 0)] // wild patterns
    public void Two_failed_checks_in_a_row_are_a_collapse(int stops, double recall1, double coverage1, double recall2, double coverage2, double recall3, double coverage3)
    {
        var watch = new CollapseWatch(s_plan);
        var (state, stopped) = (CollapseWatch.Start, 0);
        (double Recall, double Coverage)[] checks = [(recall1, coverage1), (recall2, coverage2), (recall3, coverage3)];
        for (var i = 0; i < checks.Length && stopped == 0; i++)
        {
            state = watch.Next(state, 300 + (100 * i), checks[i].Recall, checks[i].Coverage);
            stopped = CollapseWatch.HasCollapsed(state) ? i + 1 : 0;
        }

        Assert.Equal(stops, stopped);
    }

    [Fact]
    public void The_last_check_that_was_passed_is_remembered()
    {
        var watch = new CollapseWatch(s_plan);
        var passed = watch.Next(CollapseWatch.Start, 300, 0.3, 0.3);
        Assert.Equal(new CollapseState(WasGood: true, Failed: 0, LastPassed: 300), passed);
        Assert.Equal(new CollapseState(WasGood: true, Failed: 1, LastPassed: 300), watch.Next(passed, 400, 0, 0));
    }
}
