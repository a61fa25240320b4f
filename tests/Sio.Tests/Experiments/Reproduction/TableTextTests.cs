using Sio.Data;
using Sio.Experiments.Reproduction;
using Sio.Experiments.Results;

namespace Sio.Tests.Experiments.Reproduction;

/// <summary>The table's figures and texts, and the paper's beside them.</summary>
public sealed class TableTextTests : IDisposable
{
    private readonly TableFolder _folder = new();

    [Fact]
    public void The_papers_figures_are_those_of_its_table()
    {
        var paper = PaperFigures.Read(PaperFigures.ShippedPath);
        Assert.Equal(86.24, paper.Get("cifar10", "EBO", "near", "baseline"));
        Assert.Equal(90.03, paper.Get("cifar10", "EBO", "near", "sio"));
        Assert.Equal(78.71, paper.Get("cifar100", "average", "acc", "sio"));
        Assert.Equal(97.16, paper.Get("cifar10", "best", "far", "baseline"));
        Assert.Null(paper.Get("cifar10", "RotPred", "near", "sio"));
    }

    [Fact]
    public void Damaged_figures_are_refused()
    {
        var path = Path.Combine(_folder.Path, "figures.csv");
        File.WriteAllText(path, "group,method,cifar10_near_baseline\ninference,MSP\n");
        Assert.Contains("line 2", Assert.Throws<DataException>(() => PaperFigures.Read(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "group,method,cifar10_near_baseline\ninference,MSP,x\n");
        Assert.Contains("'x'", Assert.Throws<DataException>(() => PaperFigures.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_has_both_arms_the_better_one_bold()
    {
        var (plan, results) = Example();
        var lines = TableText.Markdown(plan, results, PaperFigures.Read(PaperFigures.ShippedPath)).Split('\n');
        Assert.StartsWith("| MSP | 80.00 (86.71) | **82.00** (89.86) | +2.00 [−10.7, +14.7] | **70.00** (91.37) | 69.50 (93.59) | −0.50 |", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("| EBO | – (86.24) | – (90.03) | – |", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Latex_colours_and_csv_rounds_nothing()
    {
        var (plan, results) = Example();
        var latex = TableText.Latex(plan, results);
        Assert.Contains(@"MSP & 80.00 & \textcolor{green!50!black}{82.00} & $+2.00 [-10.7, +14.7]$ & 70.00 & \textcolor{red}{69.50} & $-0.50$", latex, StringComparison.Ordinal);
        var csv = TableText.Csv(plan, results).Split('\n');
        Assert.Equal("inference,MSP,near,80,1.25,2,82,0.5,2,2,-10.706,14.706,2,,", csv[1]);
        Assert.Equal("inference,EBO,near,,,,,,,,,,,,", csv[4]);
        Assert.All(csv[..^1], line => Assert.Equal(14, line.Count(c => c == ',')));
    }

    public void Dispose() => _folder.Dispose();

    private (TablePlan Plan, TableResults Results) Example()
    {
        var none = new TableFigure(null, null, null);
        var near = new TableFigure(
            new Estimate(80, 1.25, 2), new Estimate(82, 0.5, 2), new PairedDifference(new Estimate(2, 1.41, 2), -10.706, 14.706, [new SeedDifference(0, 1), new SeedDifference(1, 3)]));
        var far = new TableFigure(new Estimate(70, null, 1), new Estimate(69.5, null, 1), new PairedDifference(new Estimate(-0.5, null, 1), null, null, [new SeedDifference(0, -0.5)]));
        TableLine[] lines = [new("inference", "MSP", near, far, none), new("inference", "EBO", none, none, none)];
        var results = new TableResults
        {
            Lines = lines, Average = new TableLine(string.Empty, "average", none, none, none), Best = new TableLine(string.Empty, "best", none, none, none), Near = ["a"], Far = ["b"], Done = 1, Total = 2,
        };
        return (_folder.Plan(), results);
    }
}
