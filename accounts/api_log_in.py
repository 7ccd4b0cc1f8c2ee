"""The two answers of allauth's headless API that compare codes: ours are kept as hashes. The rest is allauth's own."""

from allauth.headless.account.inputs import ConfirmLoginCodeInput, VerifyPhoneInput
from allauth.headless.account.views import ConfirmLoginCodeView, VerifyPhoneView
from allauth.headless.constants import Client
from django.urls import path

from .log_in_form import HashedCodeForm


class LogInCodeInput(ConfirmLoginCodeInput, HashedCodeForm):
    """The code that logs somebody in."""


class NumberCodeInput(VerifyPhoneInput, HashedCodeForm):
    """The code that shows whose a number is."""


class ConfirmLogInCode(ConfirmLoginCodeView):
    input_class = LogInCodeInput


class ConfirmNumber(VerifyPhoneView):
    input_class = NumberCodeInput


urlpatterns = [
    path("app/v1/auth/code/confirm", ConfirmLogInCode.as_api_view(client=Client.APP)),
    path("app/v1/auth/phone/verify", ConfirmNumber.as_api_view(client=Client.APP)),
]
