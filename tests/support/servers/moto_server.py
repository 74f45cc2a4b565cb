"""Starts moto's server, with what it does unlike AWS when signatures are checked.

AWS takes a web identity without a signature, and answers the errors of a service that is asked in JSON in JSON.
"""

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import JsonRESTError
from moto.iam.access_control import IAMRequest
from moto.server import main

check = ActionAuthenticatorMixin._authenticate_and_authorize_action


def check_signed(self, *args, **kwargs):
    if self._get_action() != "AssumeRoleWithWebIdentity":
        check(self, *args, **kwargs)


def in_json(name, code):
    raise_xml = getattr(IAMRequest, name)

    def raise_error(self, *args):
        if "X-Amz-Target" not in self._headers:
            raise_xml(self, *args)
        raise JsonRESTError(code, f"Refused to perform: {self._action}")

    setattr(IAMRequest, name, raise_error)


ActionAuthenticatorMixin._authenticate_and_authorize_action = check_signed
in_json("_raise_access_denied", "AccessDeniedException")
in_json("_raise_invalid_access_key", "UnrecognizedClientException")
in_json("_raise_signature_does_not_match", "InvalidSignatureException")
main()
