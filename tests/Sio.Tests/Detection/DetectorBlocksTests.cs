using Sio.Detection;
using static TorchSharp.torch;

namespace Sio.Tests.Detection;

public sealed class DetectorBlocksTests
{
    // 5,000 rows are more than two blocks, the last one short.
    [Theory]
    [InlineData("entropy")]
    [InlineData("margin")]
    [InlineData("gradnorm")]
    [InlineData("gen")]
    public void Blocks_do_not_change_the_scores(string name)
    {
        using var scope = NewDisposeScope();
        using var near = PosthocReference.Bank("near");
        using var repeated = RepeatedBank.Of(near, 10);
        using var detector = DetectorFactory.Create(name);
        var once = detector.Score(near);
        Assert.Equal(Enumerable.Repeat(once, 10).SelectMany(scores => scores), detector.Score(repeated));
    }
}
