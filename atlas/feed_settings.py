"""What the feeds are told of their senders: SNMP v3 users, gNMI targets, and which Prometheus labels name a device.

Each is a JSON value in one `BEDROCK_*` variable. Passwords are secrets: they are never shown, and never logged.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Password = Annotated[SecretStr, Field(min_length=8, description="RFC 3414 section 11.2 asks for eight characters.")]
AuthProtocol = Literal["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
#: AES-192 and AES-256 stretch keys as net-snmp does (Blumenthal); with "-C" as Cisco and others do (Reeder).
PrivProtocol = Literal["DES", "3DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SnmpUser(_Told):
    """A user of the SNMP v3 User-based Security Model: authNoPriv, or authPriv where `priv` is given."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    auth: AuthProtocol = "SHA-256"
    auth_password: Password
    priv: PrivProtocol | None = None
    priv_password: Password | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.priv is None) != (self.priv_password is None):
            raise ValueError("priv and priv_password go together: give both, or neither.")
        return self


class GnmiTarget(_Told):
    """A device that streams its state. `name` is what its alarms are about, as the inventory names it."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\x00-\x20]+$")]
    address: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 9339
    username: str = ""
    password: SecretStr = SecretStr("")
    insecure: Annotated[bool, Field(description="Without TLS: the password crosses the wire in the clear.")] = False
    certificate: Annotated[str | None, Field(description="A PEM file that vouches for the device.")] = None
    certificate_name: Annotated[str | None, Field(description="The name in its certificate, if not the address.")] = (
        None
    )

    @model_validator(mode="after")
    def _is_vouched_for(self) -> Self:
        if not self.insecure and self.certificate is None:
            raise ValueError("give a certificate to check the device by, or say insecure.")
        return self


class AlertLabels(_Told):
    """Which labels of a Prometheus alert name what it is about; of several, the first that the alert has."""

    device: tuple[str, ...] = ("device", "hostname", "host", "node", "nodename", "sysName", "target", "instance")
    part: tuple[str, ...] = ("ifName", "interface", "ifDescr", "port", "ifAlias")
    neighbour: tuple[str, ...] = ("neighbor", "neighbour", "peer", "peer_ip", "remote_address", "bgpPeerRemoteAddr")
    site: tuple[str, ...] = ("site", "pop", "datacenter")
