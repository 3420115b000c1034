"""whale_assets: who moved a lot of money on Ethereum, what it was worth, and is it suspicious?"""
