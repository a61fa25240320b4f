using Sio.Engine;

namespace Sio.Tests.Engine;

public sealed class DevicesTests
{
    [Fact]
    public void Devices_are_spelt_as_in_PyTorch()
    {
        Assert.Equal("cuda:1", Devices.Parse("cuda:1").ToString());
        Assert.Equal("cpu", Devices.Parse("cpu").ToString());
        Assert.Equal("cuda:0", Devices.Parse("cuda").ToString());
        Assert.Throws<FormatException>(() => Devices.Parse("gpu"));
        Assert.Throws<FormatException>(() => Devices.Parse("cuda:-1"));
    }
}
