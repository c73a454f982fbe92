"""Adapters (信息查询): ask one agency one question about people who consented, and keep the evidence.

Owns      inquiries, cells (one question to one agency about one household), calls, sealed evidence, withdrawn consents
Hears     check.opened, consent.withdrawn, application.withdrawn
Says      agency.answered, agency.silent
Promises  nobody is asked about whose consent has ended, and what was being answered then is told to nobody;
          every question ends answered, silent or invalid, never as an empty answer nobody gave;
          a call is written down before it is made; what nobody asked for is not kept beyond the sealed raw answer
"""
